package io.lockstep.agent.gateway;

import java.io.IOException;

/** Little-endian numbers and bytes of a content through one buffer, so that a walk costs a read each buffer. */
final class ArchiveBytes {
    /** A walk backwards finds this much before what it asked for in the buffer too. */
    private static final int BEFORE = 1024;

    private final Content content;
    private final byte[] buffer;
    private long start;
    private int length;

    /** @param bufferBytes more than {@value #BEFORE} */
    ArchiveBytes(Content content, int bufferBytes) {
        this.content = content;
        buffer = new byte[bufferBytes];
    }

    long sizeBytes() {
        return content.sizeBytes();
    }

    /** Whether {@code count} bytes from {@code position} lie within the content. */
    boolean has(long position, long count) {
        return position >= 0 && count >= 0 && position <= sizeBytes() - count;
    }

    /** The unsigned 16-bit number; the caller has asked {@link #has}. */
    int u16(long position) throws IOException {
        return at(position) | at(position + 1) << 8;
    }

    /** The unsigned 32-bit number. */
    long u32(long position) throws IOException {
        return u16(position) | (long) u16(position + 2) << 16;
    }

    /** The 64-bit number; negative when it is beyond every file's size. */
    long u64(long position) throws IOException {
        return u32(position) | u32(position + 4) << 32;
    }

    byte[] bytes(long position, int count) throws IOException {
        var copy = new byte[count];
        for (int i = 0; i < count; i++) {
            copy[i] = (byte) at(position + i);
        }
        return copy;
    }

    private int at(long position) throws IOException {
        if (position < start || position >= start + length) {
            start = Math.max(0, position - BEFORE);
            length = 0;
            while (length < buffer.length && start + length < sizeBytes()) {
                int got = content.read(start + length, buffer, length, buffer.length - length);
                if (got == 0) {
                    break;
                }
                length += got;
            }
            if (position >= start + length) {
                throw new IOException("the content ends before its size, at " + (start + length));
            }
        }
        return buffer[(int) (position - start)] & 0xff;
    }
}
