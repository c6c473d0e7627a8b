package io.lockstep.agent.store;

import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.FileHandle;
import io.lockstep.agent.posix.NativeBuffer;
import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.digest.Digest;
import java.io.ByteArrayOutputStream;
import java.util.function.LongConsumer;

/** An open file that knows its place, so that a failure can name it. For one thread. */
final class OpenFile implements AutoCloseable {
    private static final int BUFFER_BYTES = 128 * 1024;

    private final DurableCalls calls;
    private final FileHandle handle;
    private final String place;

    OpenFile(DurableCalls calls, FileHandle handle, String place) {
        this.calls = calls;
        this.handle = handle;
        this.place = place;
    }

    EntryLook look() throws DiskException {
        try (var stat = new StatBuffer()) {
            int error = handle.stat(stat);
            if (error < 0) {
                throw new DiskException("stat", place, new Errno(-error));
            }
            return EntryLook.of(stat);
        }
    }

    /** The digest of what is left to read. */
    Digest digest() throws DiskException {
        return digest(bytes -> {});
    }

    /** The same; {@code pace} hears of each part that was read, and may take its time. */
    Digest digest(LongConsumer pace) throws DiskException {
        try (var buffer = new NativeBuffer(BUFFER_BYTES)) {
            var sha256 = Digest.newSha256();
            for (int got = read(buffer); got > 0; got = read(buffer)) {
                sha256.update(buffer.bytes().slice(0, got));
                pace.accept(got);
            }
            return Digest.finish(sha256);
        }
    }

    /** Copies what is left to read to {@code target}; the digest is of the bytes that went there. */
    Digest copyTo(OpenFile target) throws DiskException {
        try (var buffer = new NativeBuffer(BUFFER_BYTES)) {
            var sha256 = Digest.newSha256();
            for (int got = read(buffer); got > 0; got = read(buffer)) {
                sha256.update(buffer.bytes().slice(0, got));
                target.write(buffer, got);
            }
            return Digest.finish(sha256);
        }
    }

    /** Up to {@code maxBytes} from where the file stands. */
    byte[] readUpTo(int maxBytes) throws DiskException {
        var all = new ByteArrayOutputStream();
        try (var buffer = new NativeBuffer(BUFFER_BYTES)) {
            int got = read(buffer);
            while (got > 0 && all.size() < maxBytes) {
                var part = new byte[Math.min(got, maxBytes - all.size())];
                buffer.bytes().get(0, part);
                all.writeBytes(part);
                got = read(buffer);
            }
        }
        return all.toByteArray();
    }

    private int read(NativeBuffer buffer) throws DiskException {
        int got = handle.read(buffer, buffer.sizeBytes());
        if (got < 0) {
            throw new UnreadableException(place, new Errno(-got));
        }
        return got;
    }

    void write(byte[] content) throws DiskException {
        try (var buffer = new NativeBuffer(BUFFER_BYTES)) {
            for (int from = 0; from < content.length; from += BUFFER_BYTES) {
                int length = Math.min(BUFFER_BYTES, content.length - from);
                buffer.bytes().put(0, content, from, length);
                write(buffer, length);
            }
        }
    }

    private void write(NativeBuffer from, int length) throws DiskException {
        require("write", calls.write(handle, from, length));
    }

    void setMode(int mode) throws DiskException {
        require("set the mode of", calls.setMode(handle, mode));
    }

    void setModificationTime(long mtimeNanos) throws DiskException {
        require("set the time of", calls.setModificationTime(handle, mtimeNanos));
    }

    void sync() throws DiskException {
        require("fsync", calls.sync(handle));
    }

    private void require(String action, Errno errno) throws DiskException {
        if (!errno.isNone()) {
            throw new DiskException(action, place, errno);
        }
    }

    /** The handle itself, which the caller closes from now on. */
    FileHandle handle() {
        return handle;
    }

    @Override
    public void close() {
        handle.close();
    }
}
