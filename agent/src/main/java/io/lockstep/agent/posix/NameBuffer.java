package io.lockstep.agent.posix;

import java.nio.ByteBuffer;

/**
 * A part of a directory's names, as {@link DirectoryHandle#readNames} left them, and a cursor over them. {@code .} and
 * {@code ..} are passed over. The layout is {@code struct linux_dirent64} (getdents64(2)). For one thread at a time.
 */
public final class NameBuffer implements AutoCloseable {
    private static final int RECORD_LENGTH = 16;
    private static final int TYPE = 18;
    private static final int NAME = 19;
    /** {@code DT_REG}; file systems that don't know say 0. */
    private static final byte REGULAR = 8;

    private static final int DEFAULT_SIZE = 32 * 1024;

    private final NativeBuffer buffer;
    private final ByteBuffer bytes;
    private int end;
    private int next;
    private int nameStart;
    private int nameLength;

    public NameBuffer() {
        buffer = new NativeBuffer(DEFAULT_SIZE);
        bytes = buffer.bytes();
    }

    long address() {
        return buffer.address();
    }

    int sizeBytes() {
        return buffer.sizeBytes();
    }

    void filled(int lengthBytes) {
        end = lengthBytes;
        next = 0;
    }

    /** Moves to the next name; false after the last. */
    public boolean next() {
        while (next < end) {
            int start = next;
            int length = bytes.getShort(start + RECORD_LENGTH) & 0xffff;
            next = start + length;
            nameStart = start + NAME;
            nameLength = lengthOfName(length - NAME);
            if (!isDots()) {
                return true;
            }
        }
        return false;
    }

    /** The name is closed by a NUL within the record's last eight bytes, because records are aligned to eight. */
    private int lengthOfName(int room) {
        int length = Math.max(0, room - 8);
        while (length < room && bytes.get(nameStart + length) != 0) {
            length++;
        }
        return length;
    }

    private boolean isDots() {
        return nameLength <= 2 && bytes.get(nameStart) == '.' && (nameLength == 1 || bytes.get(nameStart + 1) == '.');
    }

    /** Whether the directory itself says that the entry is a regular file; false when it is not or doesn't say. */
    public boolean isFile() {
        return bytes.get(nameStart - NAME + TYPE) == REGULAR;
    }

    /** How many bytes the name has, 1 to 255. */
    public int nameLength() {
        return nameLength;
    }

    /** Copies the name to {@code into} from {@code offset}. */
    public void copyName(byte[] into, int offset) {
        bytes.get(nameStart, into, offset, nameLength);
    }

    /** A copy of the name. */
    public byte[] name() {
        var copy = new byte[nameLength];
        copyName(copy, 0);
        return copy;
    }

    /** The address of the name, closed by a NUL. */
    long nameAddress() {
        return buffer.address() + nameStart;
    }

    @Override
    public void close() {
        buffer.close();
    }
}
