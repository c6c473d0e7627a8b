package io.lockstep.digest;

import io.lockstep.artifact.EntryPath;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a previous scan found, as little of it as a rescan needs: of each finding the first half of its path's SHA-256,
 * and of files and directories mode and stamp. That is 56 bytes an entry, a tenth of the findings themselves, in a few
 * arrays. An entry's index is the finding's index in the list. Two paths are taken for one when half of their digests
 * are equal, which nobody can bring about.
 *
 * <p>Its bytes travel between processes: for each finding, big-endian, the half digest (16), kind and mode (2), size,
 * mtime, ctime, inode (8 each; 0 for what is neither file nor directory). Immutable once built.
 */
public final class StampTable {
    /** {@link Lookup#indexOf}: there is no such path. */
    public static final int NONE = -1;

    /** How many bytes of it an entry makes. */
    public static final int ENTRY_BYTES = 2 * Long.BYTES + Short.BYTES + 4 * Long.BYTES;

    private static final int STAMP_LONGS = 4;
    private static final int MODE_MASK = 0777;
    private static final int FILE = 0x1000;
    private static final int DIRECTORY = 0x2000;
    private static final int OTHER = 0x3000;

    private final int size;
    private final long[] keys;
    private final short[] kinds;
    private final long[] stamps;
    /** Open addressing by the first key: the entry's index + 1; 0 is free. */
    private final int[] slots;

    private StampTable(int size, long[] keys, short[] kinds, long[] stamps, int[] slots) {
        this.size = size;
        this.keys = keys;
        this.kinds = kinds;
        this.stamps = stamps;
        this.slots = slots;
    }

    /** Takes bytes that are only good until it returns. */
    public interface Parts<E extends Exception> {
        void accept(byte[] buffer, int length) throws E;
    }

    /**
     * Writes the table of these findings, in parts of whole entries.
     *
     * @param partBytes about how long a part is
     */
    public static <E extends Exception> void write(List<Finding> findings, int partBytes, Parts<E> parts) throws E {
        var keys = new PathKeys();
        var out = ByteBuffer.allocate(partBytes + ENTRY_BYTES);
        for (var finding : findings) {
            keys.of(finding.path());
            out.putLong(keys.first).putLong(keys.second);
            if (finding instanceof Finding.RegularFile file) {
                FindingCodec.writeStamp(FILE | file.mode(), file.stamp(), out);
            } else if (finding instanceof Finding.Directory directory) {
                FindingCodec.writeStamp(DIRECTORY | directory.mode(), directory.stamp(), out);
            } else {
                out.putShort((short) OTHER).putLong(0).putLong(0).putLong(0).putLong(0);
            }
            if (out.position() >= partBytes) {
                parts.accept(out.array(), out.position());
                out.clear();
            }
        }
        if (out.position() > 0) {
            parts.accept(out.array(), out.position());
        }
    }

    /** The table of these findings, as if its bytes had travelled. */
    public static StampTable of(List<Finding> findings) {
        try {
            var builder = new Builder(findings.size(), findings.size(), Optional.empty());
            write(findings, 1 << 16, builder::append);
            return builder.build();
        } catch (MalformedFindingsException e) {
            throw new IllegalStateException("a table can't read what it wrote", e);
        }
    }

    /** The keys of paths, by one computation after the other. For one thread. */
    private static final class PathKeys {
        private final MessageDigest sha256 = Digest.newSha256();
        private final byte[] digest = new byte[Digest.BYTES];
        private final ByteBuffer view = ByteBuffer.wrap(digest);
        private long first;
        private long second;

        void of(EntryPath path) {
            of(path.bytes(), path.length());
        }

        void of(byte[] buffer, int length) {
            try {
                sha256.update(buffer, 0, length);
                sha256.digest(digest, 0, digest.length);
            } catch (DigestException e) {
                throw new IllegalStateException("a SHA-256 has more than 32 bytes", e);
            }
            first = view.getLong(0);
            second = view.getLong(Long.BYTES);
        }
    }

    /** Gathers a table's bytes. */
    public static final class Builder {
        private final int entries;
        private final long[] keys;
        private final short[] kinds;
        private final long[] stamps;
        private final int[] slots;
        private int filled;

        /**
         * A builder of one table.
         *
         * @param maxEntries more are refused
         * @param recycled a table that nobody uses any more, whose arrays are taken if they fit
         * @throws MalformedFindingsException when there are more entries than may be
         */
        public Builder(int entries, int maxEntries, Optional<StampTable> recycled) throws MalformedFindingsException {
            if (entries < 0 || entries > maxEntries) {
                throw new MalformedFindingsException("a table of " + entries + " entries");
            }
            this.entries = entries;
            int slotCount = slotsFor(entries);
            var old = recycled.filter(table -> table.slots.length == slotCount && table.kinds.length >= entries);
            // Some room to grow: a tree that gains a file at a time must not need other arrays at each scan.
            int room = entries + entries / 16;
            keys = old.map(table -> table.keys).orElseGet(() -> new long[2 * room]);
            kinds = old.map(table -> table.kinds).orElseGet(() -> new short[room]);
            stamps = old.map(table -> table.stamps).orElseGet(() -> new long[STAMP_LONGS * room]);
            slots = old.map(table -> table.slots).orElseGet(() -> new int[slotCount]);
            Arrays.fill(slots, 0);
        }

        /** A power of two, of which at most four fifths are taken, and never all: a free one ends a search. */
        private static int slotsFor(int entries) {
            long needed = 2 + entries + entries / 4L;
            return Math.toIntExact(Long.highestOneBit(needed - 1) * 2);
        }

        /**
         * Adds the next entries.
         *
         * @throws MalformedFindingsException when they are none, or too many
         */
        public void append(byte[] buffer, int length) throws MalformedFindingsException {
            if (length % ENTRY_BYTES != 0 || length / ENTRY_BYTES > entries - filled) {
                throw new MalformedFindingsException(
                        "a table of " + entries + " entries has " + length + " bytes after the first " + filled);
            }
            var in = ByteBuffer.wrap(buffer, 0, length);
            while (in.hasRemaining()) {
                keys[2 * filled] = in.getLong();
                keys[2 * filled + 1] = in.getLong();
                kinds[filled] = in.getShort();
                for (int i = 0; i < STAMP_LONGS; i++) {
                    stamps[STAMP_LONGS * filled + i] = in.getLong();
                }
                insert(filled);
                filled++;
            }
        }

        private void insert(int index) {
            int slot = (int) keys[2 * index] & slots.length - 1;
            while (slots[slot] != 0) {
                slot = slot + 1 & slots.length - 1;
            }
            slots[slot] = index + 1;
        }

        /**
         * The table.
         *
         * @throws MalformedFindingsException when not all entries are there
         */
        public StampTable build() throws MalformedFindingsException {
            if (filled != entries) {
                throw new MalformedFindingsException("a table of " + entries + " entries ends after " + filled);
            }
            return new StampTable(entries, keys, kinds, stamps, slots);
        }
    }

    public int size() {
        return size;
    }

    /** Finds entries by their paths' bytes without making an object. For one thread; any number may use one table. */
    public final class Lookup {
        private final PathKeys path = new PathKeys();

        private Lookup() {}

        /**
         * The index of the entry at the path that is the first {@code length} bytes of {@code buffer}, or {@link #NONE}.
         */
        public int indexOf(byte[] buffer, int length) {
            path.of(buffer, length);
            int slot = (int) path.first & slots.length - 1;
            while (slots[slot] != 0) {
                int index = slots[slot] - 1;
                if (keys[2 * index] == path.first && keys[2 * index + 1] == path.second) {
                    return index;
                }
                slot = slot + 1 & slots.length - 1;
            }
            return NONE;
        }
    }

    /** A look-up for one thread. */
    public Lookup lookup() {
        return new Lookup();
    }

    public boolean isFile(int index) {
        return (kinds[index] & ~MODE_MASK) == FILE;
    }

    public boolean isDirectory(int index) {
        return (kinds[index] & ~MODE_MASK) == DIRECTORY;
    }

    /** Permission bits of a file or directory. */
    public int mode(int index) {
        return kinds[index] & MODE_MASK;
    }

    /** Whether a file or directory has exactly this stamp. */
    public boolean hasStamp(int index, long sizeBytes, long mtimeNanos, long ctimeNanos, long inode) {
        int at = STAMP_LONGS * index;
        return stamps[at] == sizeBytes
                && stamps[at + 1] == mtimeNanos
                && stamps[at + 2] == ctimeNanos
                && stamps[at + 3] == inode;
    }

    /** When a file or directory last changed, its content or anything else of it, in ns since 1970. */
    public long lastChangeNanos(int index) {
        return Math.max(stamps[STAMP_LONGS * index + 1], stamps[STAMP_LONGS * index + 2]);
    }
}
