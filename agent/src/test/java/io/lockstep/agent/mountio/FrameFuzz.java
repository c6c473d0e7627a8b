package io.lockstep.agent.mountio;

import io.lockstep.agent.mountio.ShareService.Problem;
import io.lockstep.agent.mountio.ShareService.ScannedTree;
import io.lockstep.agent.mountio.ShareService.Staged;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.Stamp;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Finding;
import io.lockstep.digest.FindingCodec;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.mount.Beacon;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Frames of any bytes, and messages in them, are refused as malformed or say something. */
public final class FrameFuzz {
    private static final List<Reader> READERS = List.of(
            payload -> Hello.read(new MessageInput(payload)),
            payload -> ChildSettings.read(new MessageInput(payload)),
            payload -> ProbeMessage.Order.read(new MessageInput(payload)),
            payload -> ProbeMessage.read(new MessageInput(payload)),
            payload -> new HeldTables().readOrder(new MessageInput(payload)),
            payload -> ScanMessage.read(payload, new Deaf()),
            payload -> StageMessage.readOrder(new MessageInput(payload)),
            payload -> StageMessage.read(new MessageInput(payload)),
            payload -> WriteMessage.readOrder(new MessageInput(payload)),
            payload -> WriteMessage.read(new MessageInput(payload)),
            payload -> Pulse.read(new MessageInput(payload)));

    private FrameFuzz() {}

    /** Reads a message. */
    private interface Reader {
        void read(byte[] payload) throws IOException;
    }

    /** Called by the fuzzer with each input: the kind of message, and frames that have it. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        var reader = READERS.get(Byte.toUnsignedInt(input[0]) % READERS.size());
        try {
            var frames = new FrameReader(new ByteArrayInputStream(input, 1, input.length - 1));
            for (var frame = frames.read(); frame.isPresent(); frame = frames.read()) {
                reader.read(frame.get().payload());
            }
        } catch (MalformedFrameException refused) {
            // That is the answer to what the other side did not mean.
        }
    }

    /** One good input for each kind of message. */
    public static List<byte[]> seeds() {
        var path = EntryPath.of("server/a.xml");
        var file = ManifestEntry.file(path, 0644, 3, -5, Digest.of(new byte[] {1}));
        var found = new Finding.Unstable(EntryPath.of("a"));
        var regular = new Finding.RegularFile(EntryPath.of("b"), new Stamp(3, 4, 5, 6), 0644, Digest.of(new byte[0]));
        var findings = ByteBuffer.allocate(2 * FindingCodec.MAX_BYTES);
        FindingCodec.write(found, findings);
        FindingCodec.write(regular, findings);
        var messages = List.of(
                MessageOutput.bytesOf(new Hello(3, "1.2.3")::write),
                MessageOutput.bytesOf(new ProbeMessage.Order(
                        new Beacon(new NodeName("gw1"), 1, 2), List.of(new NodeName("gw2")))::write),
                MessageOutput.bytesOf(out -> HeldTables.writeTable(List.of(found, regular), out)),
                ScanMessage.found("server", findings),
                ScanMessage.severed("server", EntryPath.of("d")),
                ScanMessage.scanned("server", new ScannedTree(5, new BitSet(), 6, 7)),
                ScanMessage.failed(new Problem(Reason.STALE_HANDLE, "gone")),
                MessageOutput.bytesOf(out -> StageMessage.writeOrder(List.of(file), out)),
                MessageOutput.bytesOf(out -> StageMessage.write(new Staged(new BitSet(), Optional.of("why")), out)));
        var seeds = new ArrayList<byte[]>();
        for (int kind = 0; kind < READERS.size(); kind++) {
            for (var message : messages) {
                seeds.add(framed(kind, message));
            }
        }
        return seeds;
    }

    private static byte[] framed(int kind, byte[] message) {
        var bytes = new ByteArrayOutputStream();
        bytes.write(kind);
        try {
            new FrameWriter(bytes).write(new Frame(Frame.Type.PART, 1, Arrays.copyOf(message, message.length)));
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /** Hears everything, and minds nothing. */
    private static final class Deaf implements ScanMessage.Hearer {
        @Override
        public void found(String tree, Finding finding) {}

        @Override
        public void severed(String tree, EntryPath directory) {}

        @Override
        public void scanned(String tree, ScannedTree scanned) {}

        @Override
        public void done(long entries, long bytes) {}

        @Override
        public void failed(Problem problem) {}
    }
}
