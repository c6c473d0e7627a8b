package io.lockstep.agent.rsync;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A two-way connection to one peer that carries exactly one rsync transfer.
 *
 * <p>The two directions are used by different threads at the same time. A connection over TCP should have
 * {@code TCP_NODELAY} on both ends: without it, rsync's small messages wait for the other side's delayed acknowledgment,
 * about 40 ms each.
 */
public interface ByteStream extends Closeable {
    /** What the peer sends; the same object at every call. Its end means that the peer has closed the connection. */
    InputStream input();

    /** What the peer will read; the same object at every call. A flush hands everything to the network. */
    OutputStream output();

    /**
     * Ends both directions. Any thread may call it, more than once, also while others are blocked in a read or a
     * write of this stream: those then end with an exception or at the end of the stream.
     */
    @Override
    void close() throws IOException;
}
