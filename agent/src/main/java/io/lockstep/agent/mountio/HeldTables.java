package io.lockstep.agent.mountio;

import io.lockstep.agent.mountio.ShareService.KnownTree;
import io.lockstep.agent.mountio.ShareService.ScanOrder;
import io.lockstep.digest.Finding;
import io.lockstep.digest.MalformedFindingsException;
import io.lockstep.digest.StampTable;
import io.lockstep.generation.ManifestCodec;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The child's tables of what the previous scans found, one a tree, and the bodies of scans that change or name them. A
 * table is kept until another one takes its place, so that one that is still right is not sent again. For one thread.
 */
final class HeldTables {
    private static final int MAX_TREES = 64;
    private static final int PART_BYTES = 8 * 1024;
    private static final int MAX_PART_BYTES = PART_BYTES + StampTable.ENTRY_BYTES;

    private final Map<String, Held> tables = new HashMap<>();

    private record Held(long id, StampTable table) {}

    /** Reads a scan's body. */
    ScanOrder readOrder(MessageInput in) throws IOException {
        boolean everyDigest = in.flag();
        int count = in.count(MAX_TREES);
        var known = new HashMap<String, KnownTree>();
        for (int i = 0; i < count; i++) {
            var tree = in.text();
            long scanStartNanos = in.i64();
            long id = in.i64();
            if (in.flag()) {
                // The old one goes first: there is never room for both.
                var old = Optional.ofNullable(tables.remove(tree)).map(Held::table);
                tables.put(tree, new Held(id, readTable(in, old)));
            }
            var held = tables.get(tree);
            if (held == null || held.id() != id) {
                throw new MalformedFrameException("table " + id + " of tree " + tree + " is not here");
            }
            known.put(tree, new KnownTree(held.table(), scanStartNanos));
        }
        return new ScanOrder(everyDigest, known);
    }

    private static StampTable readTable(MessageInput in, Optional<StampTable> old) throws IOException {
        try {
            var builder = new StampTable.Builder(in.i32(), ManifestCodec.MAX_ENTRIES, old);
            var part = new byte[MAX_PART_BYTES];
            for (int length = in.count(MAX_PART_BYTES); length > 0; length = in.count(MAX_PART_BYTES)) {
                in.raw(part, length);
                builder.append(part, length);
            }
            return builder.build();
        } catch (MalformedFindingsException e) {
            throw new MalformedFrameException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Writes a table for {@link #readOrder}: in parts, each with its length, and 0 at the end. */
    static void writeTable(List<Finding> findings, MessageOutput out) throws IOException {
        out.i32(findings.size());
        StampTable.write(findings, PART_BYTES, (buffer, length) -> {
            out.i32(length);
            out.raw(buffer, length);
        });
        out.i32(0);
    }
}
