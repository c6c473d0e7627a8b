package io.lockstep.agent.gateway;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One entry of a central directory (APPNOTE.TXT 6.3.10, 4.3.12).
 *
 * @param name its bytes, a character each
 * @param method 0 stored, 8 deflated
 * @param packedBytes its length in the archive
 * @param local where its own header begins, before the archive's base is added
 * @param lengthBytes how long the directory's record is
 */
record ArchiveEntry(
        String name, int method, boolean encrypted, long crc, long packedBytes, long local, long lengthBytes) {
    static final long SIGNATURE = 0x02014b50L;
    static final int HEADER_BYTES = 46;
    static final long LOCAL_SIGNATURE = 0x04034b50L;
    static final int LOCAL_HEADER_BYTES = 30;
    private static final long MAGIC = 0xffffffffL;

    /** Reads the record at {@code at}; empty when none begins there or it does not end before {@code end}. */
    static Optional<ArchiveEntry> read(ArchiveBytes bytes, long at, long end) throws IOException {
        if (end - at < HEADER_BYTES || bytes.u32(at) != SIGNATURE) {
            return Optional.empty();
        }
        int nameLength = bytes.u16(at + 28);
        int extraLength = bytes.u16(at + 30);
        long length = (long) HEADER_BYTES + nameLength + extraLength + bytes.u16(at + 32);
        if (length > end - at) {
            return Optional.empty();
        }
        long packed = bytes.u32(at + 20);
        long local = bytes.u32(at + 42);
        // The 64-bit numbers stand in this order, each only where the 32-bit one is all ones (4.5.3).
        long wide = wideNumbers(bytes, at + HEADER_BYTES + nameLength, extraLength);
        if (wide >= 0) {
            wide += bytes.u32(at + 24) == MAGIC ? 8 : 0;
            long extraEnd = at + HEADER_BYTES + nameLength + extraLength;
            if (packed == MAGIC && wide + 8 <= extraEnd) {
                packed = bytes.u64(wide);
                wide += 8;
            }
            if (local == MAGIC && wide + 8 <= extraEnd) {
                local = bytes.u64(wide);
            }
        }
        return Optional.of(new ArchiveEntry(
                new String(bytes.bytes(at + HEADER_BYTES, nameLength), StandardCharsets.ISO_8859_1),
                bytes.u16(at + 10),
                (bytes.u16(at + 8) & 1) != 0,
                bytes.u32(at + 16),
                packed,
                local,
                length));
    }

    /** Where the 64-bit numbers of an entry begin; -1 when it has none. */
    private static long wideNumbers(ArchiveBytes bytes, long extra, int extraLength) throws IOException {
        long at = extra;
        while (at + 4 <= extra + extraLength) {
            int size = bytes.u16(at + 2);
            if (bytes.u16(at) == 1 && at + 4 + size <= extra + extraLength) {
                return at + 4;
            }
            at += 4 + size;
        }
        return -1;
    }

    boolean isCalled(String other) {
        return name.equals(other);
    }

    /** Whether an unpacker that takes the name as it is would write outside of its directory. */
    boolean climbsOut() {
        var text = name.replace('\\', '/');
        boolean isAbsolute = text.startsWith("/") || (text.length() > 1 && text.charAt(1) == ':');
        return isAbsolute || text.indexOf('\0') >= 0 || ("/" + text + "/").contains("/../");
    }

    /** Whether Java can read the name: it takes every name for UTF-8, and refuses the archive otherwise. */
    boolean isUtf8() {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name.getBytes(StandardCharsets.ISO_8859_1)));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** The name for people. */
    String shown() {
        return name.substring(0, Math.min(name.length(), 100));
    }
}
