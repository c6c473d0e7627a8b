package io.lockstep.digest;

import io.lockstep.artifact.EntryPath;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a previous scan found, as little of it as a rescan needs: of each finding the path, and of files and directories
 * the mode and the stamp. It lies in a few arrays, some hundred bytes an entry less than the findings themselves, and a
 * look-up by the bytes of a path makes no object. An entry's index is the finding's index in the list.
 *
 * <p>Its bytes travel between processes: for each finding, big-endian, path length (2), path, kind (1), and for a file
 * or directory mode (2), size, mtime, ctime, inode (8 each). Immutable once built.
 */
public final class StampTable {
    /** {@link #indexOf}: there is no such path. */
    public static final int NONE = -1;

    /** The most bytes that a table has. */
    public static final int MAX_BYTES = Integer.MAX_VALUE - 64;

    private static final byte FILE = 'f';
    private static final byte DIRECTORY = 'd';
    private static final byte OTHER = 'o';
    private static final int STAMP_BYTES = 2 + 4 * Long.BYTES;
    private static final int MODE = 1;
    private static final int SIZE = 3;
    private static final int MTIME = 11;
    private static final int CTIME = 19;
    private static final int INODE = 27;
    private static final int MAX_ENTRY_BYTES = 2 + EntryPath.MAX_BYTES + 1 + STAMP_BYTES;

    private final byte[] bytes;
    private final ByteBuffer view;
    /** Where each entry starts in {@link #bytes}. */
    private final int[] starts;
    /** Open addressing by the path's hash: the entry's index + 1; 0 is free. */
    private final int[] slots;

    private final int size;

    private StampTable(byte[] bytes, int[] starts, int[] slots, int size) {
        this.bytes = bytes;
        this.starts = starts;
        this.slots = slots;
        this.size = size;
        view = ByteBuffer.wrap(bytes);
    }

    /** How many bytes {@link #write} makes of these findings. */
    public static long bytesOf(List<Finding> findings) {
        long total = 0;
        for (var finding : findings) {
            total += 2 + finding.path().length() + 1 + (hasStamp(finding) ? STAMP_BYTES : 0);
        }
        return total;
    }

    private static boolean hasStamp(Finding finding) {
        return finding instanceof Finding.RegularFile || finding instanceof Finding.Directory;
    }

    /** Takes bytes that are only good until it returns. */
    public interface Parts<E extends Exception> {
        void accept(byte[] buffer, int length) throws E;
    }

    /**
     * Writes the table of these findings, in parts.
     *
     * @param partBytes about how long a part is
     */
    public static <E extends Exception> void write(List<Finding> findings, int partBytes, Parts<E> parts) throws E {
        var out = ByteBuffer.allocate(partBytes + MAX_ENTRY_BYTES);
        for (var finding : findings) {
            out.putShort((short) finding.path().length()).put(finding.path().bytes());
            if (finding instanceof Finding.RegularFile file) {
                FindingCodec.writeStamp(file.mode(), file.stamp(), out.put(FILE));
            } else if (finding instanceof Finding.Directory directory) {
                FindingCodec.writeStamp(directory.mode(), directory.stamp(), out.put(DIRECTORY));
            } else {
                out.put(OTHER);
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
            var builder = new Builder(findings.size(), bytesOf(findings), Optional.empty());
            write(findings, 1 << 16, builder::append);
            return builder.build();
        } catch (MalformedFindingsException e) {
            throw new IllegalStateException("a table can't read what it wrote", e);
        }
    }

    /** Gathers a table's bytes. */
    public static final class Builder {
        private final int entries;
        private final byte[] bytes;
        private final int[] starts;
        private final int[] slots;
        private final int length;
        private int filled;

        /**
         * A builder of one table.
         *
         * @param length of all its bytes
         * @param recycled a table that nobody uses any more, whose arrays are taken where they fit
         * @throws MalformedFindingsException when no table is that large
         */
        public Builder(int entries, long length, Optional<StampTable> recycled) throws MalformedFindingsException {
            if (length < 0 || length > MAX_BYTES || entries < 0 || entries > length / 4) {
                throw new MalformedFindingsException("a table of " + entries + " entries in " + length + " bytes");
            }
            this.entries = entries;
            this.length = (int) length;
            var old = recycled.filter(table -> fits(table.bytes.length, this.length)
                    && fits(table.starts.length, entries)
                    && table.slots.length == slotsFor(entries));
            // Some room to grow: a tree that gains a file at a time must not need other arrays at each scan.
            bytes = old.map(table -> table.bytes).orElseGet(() -> new byte[withRoom(this.length)]);
            starts = old.map(table -> table.starts).orElseGet(() -> new int[withRoom(entries)]);
            slots = old.map(table -> table.slots).orElseGet(() -> new int[slotsFor(entries)]);
            Arrays.fill(slots, 0);
        }

        private static boolean fits(int there, int needed) {
            return there >= needed && there / 2 <= Math.max(64, needed);
        }

        private static int withRoom(int needed) {
            return (int) Math.min(MAX_BYTES, needed + (long) needed / 16);
        }

        private static int slotsFor(int entries) {
            return Math.max(2, Integer.highestOneBit(Math.min(1 << 29, Math.max(1, entries))) * 4);
        }

        /** Adds the next bytes. */
        public void append(byte[] buffer, int count) throws MalformedFindingsException {
            append(buffer, 0, count);
        }

        /** Adds the next bytes. */
        public void append(byte[] buffer, int from, int count) throws MalformedFindingsException {
            if (count > length - filled) {
                throw new MalformedFindingsException("a table of " + length + " bytes has more");
            }
            System.arraycopy(buffer, from, bytes, filled, count);
            filled += count;
        }

        /**
         * The table.
         *
         * @throws MalformedFindingsException when the bytes are not one, or not all of them are there
         */
        public StampTable build() throws MalformedFindingsException {
            if (filled != length) {
                throw new MalformedFindingsException("a table of " + length + " bytes ends after " + filled);
            }
            var in = ByteBuffer.wrap(bytes, 0, length);
            int at = 0;
            for (int index = 0; index < entries; index++) {
                starts[index] = at;
                at = end(in, at);
                insert(index);
            }
            if (at != length) {
                throw new MalformedFindingsException("a table has " + (length - at) + " bytes after its last entry");
            }
            return new StampTable(bytes, starts, slots, entries);
        }

        private static int end(ByteBuffer in, int at) throws MalformedFindingsException {
            int left = in.limit() - at;
            if (left < 4) {
                throw new MalformedFindingsException("a table ends in the middle of an entry");
            }
            int path = Short.toUnsignedInt(in.getShort(at));
            if (path == 0 || path > EntryPath.MAX_BYTES || path > left - 3) {
                throw new MalformedFindingsException("a table has a path of " + path + " bytes");
            }
            byte kind = in.get(at + 2 + path);
            if (kind != FILE && kind != DIRECTORY && kind != OTHER) {
                throw new MalformedFindingsException("a table has an entry of kind " + kind);
            }
            int length = 2 + path + 1 + (kind == OTHER ? 0 : STAMP_BYTES);
            if (length > left) {
                throw new MalformedFindingsException("a table ends in the middle of an entry");
            }
            return at + length;
        }

        private void insert(int index) {
            int start = starts[index] + 2;
            int length = Short.toUnsignedInt(ByteBuffer.wrap(bytes).getShort(start - 2));
            int slot = EntryPath.hashOf(bytes, start, length) & slots.length - 1;
            while (slots[slot] != 0) {
                slot = slot + 1 & slots.length - 1;
            }
            slots[slot] = index + 1;
        }
    }

    public int size() {
        return size;
    }

    /** The index of the entry at the path that is the first {@code length} bytes of {@code buffer}, or {@link #NONE}. */
    public int indexOf(byte[] buffer, int length) {
        int slot = EntryPath.hashOf(buffer, length) & slots.length - 1;
        while (slots[slot] != 0) {
            int index = slots[slot] - 1;
            int start = starts[index];
            if (Short.toUnsignedInt(view.getShort(start)) == length
                    && Arrays.equals(bytes, start + 2, start + 2 + length, buffer, 0, length)) {
                return index;
            }
            slot = slot + 1 & slots.length - 1;
        }
        return NONE;
    }

    private int kindAt(int index) {
        return starts[index] + 2 + Short.toUnsignedInt(view.getShort(starts[index]));
    }

    public boolean isFile(int index) {
        return bytes[kindAt(index)] == FILE;
    }

    public boolean isDirectory(int index) {
        return bytes[kindAt(index)] == DIRECTORY;
    }

    /** Permission bits of a file or directory. */
    public int mode(int index) {
        return view.getShort(kindAt(index) + MODE);
    }

    /** Whether a file or directory has exactly this stamp. */
    public boolean hasStamp(int index, long sizeBytes, long mtimeNanos, long ctimeNanos, long inode) {
        int kind = kindAt(index);
        return view.getLong(kind + SIZE) == sizeBytes
                && view.getLong(kind + MTIME) == mtimeNanos
                && view.getLong(kind + CTIME) == ctimeNanos
                && view.getLong(kind + INODE) == inode;
    }

    /** When a file or directory last changed, its content or anything else of it, in ns since 1970. */
    public long lastChangeNanos(int index) {
        int kind = kindAt(index);
        return Math.max(view.getLong(kind + MTIME), view.getLong(kind + CTIME));
    }
}
