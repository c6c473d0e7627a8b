package io.lockstep.agent.gateway;

import java.io.IOException;
import java.io.InputStream;

/** Bytes to look into, at any position. For one thread. */
public interface Content {
    /** How many bytes there are. */
    long sizeBytes();

    /**
     * Reads up to {@code length} bytes, 1 or more unless the position is at the end or behind.
     *
     * @return how many were read; 0 at the end
     * @throws IOException when the disk that holds them refuses: then nothing is known of the content
     */
    int read(long position, byte[] into, int offset, int length) throws IOException;

    /** Content in memory. */
    static Content of(byte[] bytes) {
        return new Content() {
            @Override
            public long sizeBytes() {
                return bytes.length;
            }

            @Override
            public int read(long position, byte[] into, int offset, int length) {
                int count = (int) Math.max(0, Math.min(length, bytes.length - position));
                System.arraycopy(bytes, (int) Math.min(position, bytes.length), into, offset, count);
                return count;
            }
        };
    }

    /** The bytes from the start. */
    default InputStream stream() {
        return new ContentStream(this);
    }
}
