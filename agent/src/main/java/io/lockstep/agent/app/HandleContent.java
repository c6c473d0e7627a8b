package io.lockstep.agent.app;

import io.lockstep.agent.gateway.Content;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.FileHandle;
import io.lockstep.agent.posix.NativeBuffer;
import io.lockstep.digest.Digest;
import java.io.IOException;

/** The bytes of an open file of the node's own disk, which it closes. For one thread. */
final class HandleContent implements Content, AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final FileHandle file;
    private final long sizeBytes;
    private final NativeBuffer buffer = new NativeBuffer(BUFFER_BYTES);

    HandleContent(FileHandle file, long sizeBytes) {
        this.file = file;
        this.sizeBytes = sizeBytes;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public int read(long position, byte[] into, int offset, int length) throws IOException {
        int got = file.readAt(position, buffer, Math.min(length, BUFFER_BYTES));
        if (got < 0) {
            throw new IOException("read: " + new Errno(-got));
        }
        buffer.bytes().get(0, into, offset, got);
        return got;
    }

    /** The digest of all bytes. */
    Digest digest() throws IOException {
        var sha256 = Digest.newSha256();
        long position = 0;
        int got = file.readAt(position, buffer, BUFFER_BYTES);
        while (got > 0) {
            sha256.update(buffer.bytes().slice(0, got));
            position += got;
            got = file.readAt(position, buffer, BUFFER_BYTES);
        }
        if (got < 0) {
            throw new IOException("read: " + new Errno(-got));
        }
        return Digest.finish(sha256);
    }

    @Override
    public void close() {
        buffer.close();
        file.close();
    }
}
