package io.lockstep.agent.mountio;

import io.lockstep.agent.mountio.ShareService.Problem;
import io.lockstep.agent.mountio.ShareService.ScannedTree;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Finding;
import io.lockstep.digest.FindingCodec;
import io.lockstep.digest.MalformedFindingsException;
import io.lockstep.generation.ManifestCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/** The parts of a scan's answer. The body is {@link HeldTables}' business. */
final class ScanMessage {
    private static final int FOUND = 0;
    private static final int SEVERED = 1;
    private static final int SCANNED = 2;
    private static final int DONE = 3;
    private static final int FAILED = 4;
    private static final int MAX_BITS_BYTES = ManifestCodec.MAX_ENTRIES / 8 + 8;

    private ScanMessage() {}

    /** Findings of a tree, as {@link FindingCodec} writes them, one after the other. */
    static byte[] found(String tree, ByteBuffer findings) {
        var bytes = new byte[findings.position()];
        findings.duplicate().flip().get(bytes);
        return MessageOutput.bytesOf(out -> {
            out.u8(FOUND);
            out.text(tree);
            out.raw(bytes, bytes.length);
        });
    }

    static byte[] severed(String tree, EntryPath directory) {
        return MessageOutput.bytesOf(out -> {
            out.u8(SEVERED);
            out.text(tree);
            out.bytes(directory.bytes());
        });
    }

    static byte[] scanned(String tree, ScannedTree scanned) {
        return MessageOutput.bytesOf(out -> {
            out.u8(SCANNED);
            out.text(tree);
            out.i64(scanned.scanStartNanos());
            out.i32(scanned.hashedFiles());
            out.i64(scanned.hashedBytes());
            out.bytes(scanned.kept().toByteArray());
        });
    }

    /** The scan stands; how much was done in all. */
    static byte[] done(long entries, long bytes) {
        return MessageOutput.bytesOf(out -> {
            out.u8(DONE);
            out.i64(entries);
            out.i64(bytes);
        });
    }

    static byte[] failed(Problem problem) {
        return MessageOutput.bytesOf(out -> {
            out.u8(FAILED);
            out.text(problem.reason().name());
            out.text(problem.detail());
        });
    }

    /** Hears what the parts say. */
    interface Hearer {
        void found(String tree, Finding finding) throws MalformedFrameException;

        void severed(String tree, EntryPath directory);

        void scanned(String tree, ScannedTree scanned);

        void done(long entries, long bytes);

        void failed(Problem problem);
    }

    /** Tells the hearer what one part says. */
    static void read(byte[] part, Hearer hearer) throws IOException {
        var in = new MessageInput(part);
        int kind = in.u8();
        try {
            switch (kind) {
                case FOUND -> readFound(part, in, hearer);
                case SEVERED -> {
                    var tree = in.text();
                    hearer.severed(tree, EntryPath.ofBytes(in.bytes(EntryPath.MAX_BYTES)));
                }
                case SCANNED -> {
                    var tree = in.text();
                    hearer.scanned(tree, scannedTree(in));
                }
                case DONE -> hearer.done(in.i64(), in.i64());
                case FAILED -> hearer.failed(new Problem(in.oneOf(Reason.class), in.text()));
                default -> throw new MalformedFrameException("no part of a scan is of kind " + kind);
            }
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException(String.valueOf(e.getMessage()), e);
        }
    }

    private static ScannedTree scannedTree(MessageInput in) throws IOException {
        long scanStartNanos = in.i64();
        int hashedFiles = in.count(Integer.MAX_VALUE);
        long hashedBytes = in.i64();
        return new ScannedTree(scanStartNanos, BitSet.valueOf(in.bytes(MAX_BITS_BYTES)), hashedFiles, hashedBytes);
    }

    private static void readFound(byte[] part, MessageInput in, Hearer hearer) throws IOException {
        var tree = in.text();
        var findings = ByteBuffer.wrap(part, part.length - in.left(), in.left());
        try {
            while (findings.hasRemaining()) {
                hearer.found(tree, FindingCodec.read(findings));
            }
        } catch (MalformedFindingsException e) {
            throw new MalformedFrameException(String.valueOf(e.getMessage()), e);
        }
    }
}
