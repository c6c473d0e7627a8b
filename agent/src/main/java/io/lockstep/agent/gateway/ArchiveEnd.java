package io.lockstep.agent.gateway;

import java.io.IOException;
import java.util.Optional;

/**
 * What the end of a ZIP archive says of its central directory (APPNOTE.TXT 6.3.10, 4.3.14 to 4.3.16).
 *
 * @param directoryStart where the central directory begins
 * @param directoryEnd where it ends
 * @param base what to add to the offsets in it: other bytes may precede the archive
 * @param entries how many entries it should have
 * @param wide whether {@code entries} is the whole number, and not its last 16 bits
 */
record ArchiveEnd(long directoryStart, long directoryEnd, long base, long entries, boolean wide) {
    private static final int END_BYTES = 22;
    private static final int MAX_COMMENT = 0xffff;
    private static final long END = 0x06054b50L;
    private static final long WIDE_LOCATOR = 0x07064b50L;
    private static final int WIDE_LOCATOR_BYTES = 20;
    private static final long WIDE_END = 0x06064b50L;
    private static final int WIDE_END_BYTES = 56;

    /** Finds it as {@code java.util.zip.ZipFile} does; empty when there is none. */
    static Optional<ArchiveEnd> find(ArchiveBytes bytes) throws IOException {
        long last = bytes.sizeBytes() - END_BYTES;
        for (long at = last; at >= 0 && at >= last - MAX_COMMENT; at--) {
            if (bytes.u32(at) == END) {
                var plain = of(at, bytes.u32(at + 12), bytes.u32(at + 16), bytes.u16(at + 10), false);
                long after = at + END_BYTES + bytes.u16(at + 20);
                boolean isLast = after == bytes.sizeBytes();
                // A comment that does not end with the file: other bytes follow, or it only looks like an end.
                if (isLast || (plain.isPresent() && plain.get().beginsWithAnEntry(bytes))) {
                    // ZipFile reads the comment.
                    return after <= bytes.sizeBytes() ? wide(bytes, at).or(() -> plain) : Optional.empty();
                }
                if (plain.isPresent() && !bytes.has(plain.get().directoryStart(), 4)) {
                    // ZipFile looks no further.
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<ArchiveEnd> wide(ArchiveBytes bytes, long at) throws IOException {
        long locator = at - WIDE_LOCATOR_BYTES;
        if (locator < 0 || bytes.u32(locator) != WIDE_LOCATOR) {
            return Optional.empty();
        }
        long end = bytes.u64(locator + 8);
        if (!bytes.has(end, WIDE_END_BYTES) || bytes.u32(end) != WIDE_END) {
            return Optional.empty();
        }
        long wideSize = bytes.u64(end + 40);
        long wideOffset = bytes.u64(end + 48);
        long wideEntries = bytes.u64(end + 32);
        long size = bytes.u32(at + 12);
        long offset = bytes.u32(at + 16);
        int entries = bytes.u16(at + 10);
        boolean fits = (size == 0xffffffffL || size == wideSize)
                && (offset == 0xffffffffL || offset == wideOffset)
                && (entries == 0xffff || entries == wideEntries);
        return fits ? of(end, wideSize, wideOffset, wideEntries, true) : Optional.empty();
    }

    private static Optional<ArchiveEnd> of(long end, long size, long offset, long entries, boolean wide) {
        long start = end - size;
        long base = start - offset;
        return size < 0 || offset < 0 || entries < 0 || start < 0 || base < 0
                ? Optional.empty()
                : Optional.of(new ArchiveEnd(start, end, base, entries, wide));
    }

    private boolean beginsWithAnEntry(ArchiveBytes bytes) throws IOException {
        return bytes.has(directoryStart, 4)
                && bytes.u32(directoryStart) == ArchiveEntry.SIGNATURE
                && bytes.has(base, 4)
                && bytes.u32(base) == ArchiveEntry.LOCAL_SIGNATURE;
    }
}
