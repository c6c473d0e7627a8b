package io.lockstep.agent.posix;

import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.Stamp;
import java.nio.ByteBuffer;

/** What the last stat into this buffer said of an entry: a {@code struct statx} (statx(2)). For one thread at a time. */
public final class StatBuffer implements AutoCloseable {
    private static final int SIZE = 256;
    private static final int MODE = 28;
    private static final int INODE = 32;
    private static final int SIZE_BYTES = 40;
    private static final int CTIME = 96;
    private static final int MTIME = 112;
    private static final int DEVICE = 136;
    private static final long NANOS = 1_000_000_000L;
    /** Seconds whose nanoseconds still fit a long, either side of 1970. */
    private static final long MAX_SECONDS = Long.MAX_VALUE / NANOS - 1;

    private final NativeBuffer buffer = new NativeBuffer(SIZE);
    private final ByteBuffer bytes = buffer.bytes();

    long address() {
        return buffer.address();
    }

    public EntryType type() {
        return switch (bytes.getShort(MODE) & 0170000) {
            case 0100000 -> EntryType.FILE;
            case 0040000 -> EntryType.DIRECTORY;
            case 0120000 -> EntryType.SYMLINK;
            case 0010000 -> EntryType.FIFO;
            case 0140000 -> EntryType.SOCKET;
            case 0020000, 0060000 -> EntryType.DEVICE;
            default -> EntryType.UNKNOWN;
        };
    }

    /** Permission bits, 0 to 0777. */
    public int mode() {
        return bytes.getShort(MODE) & 0777;
    }

    public long sizeBytes() {
        return bytes.getLong(SIZE_BYTES);
    }

    public long inode() {
        return bytes.getLong(INODE);
    }

    /** The file system's number. */
    public long device() {
        return bytes.getLong(DEVICE);
    }

    /** Last modification in ns since 1970; times beyond the years 1678 to 2262 are held at these ends. */
    public long mtimeNanos() {
        return nanosAt(MTIME);
    }

    /** Last change of the inode in ns since 1970, as {@link #mtimeNanos()}. */
    public long ctimeNanos() {
        return nanosAt(CTIME);
    }

    private long nanosAt(int offset) {
        long seconds = Math.max(-MAX_SECONDS, Math.min(MAX_SECONDS, bytes.getLong(offset)));
        return seconds * NANOS + bytes.getInt(offset + 8);
    }

    public Stamp stamp() {
        return new Stamp(sizeBytes(), mtimeNanos(), ctimeNanos(), inode());
    }

    /** Whether {@link #stamp()} would equal {@code stamp}, without making one. */
    public boolean hasStamp(Stamp stamp) {
        return sizeBytes() == stamp.sizeBytes()
                && mtimeNanos() == stamp.mtimeNanos()
                && ctimeNanos() == stamp.ctimeNanos()
                && inode() == stamp.inode();
    }

    @Override
    public void close() {
        buffer.close();
    }
}
