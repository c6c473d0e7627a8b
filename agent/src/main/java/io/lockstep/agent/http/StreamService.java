package io.lockstep.agent.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Serves raw streams of one kind. Called from several threads at once. */
public interface StreamService {
    /**
     * Decides, before the stream opens, whether it may. Runs on a thread of the control port and returns at once.
     *
     * @throws RefusedException to answer with its status instead of 101
     */
    void admit(StreamHead head);

    /**
     * Serves one stream on a thread of its own. When it returns, what it wrote is delivered and the stream is closed in
     * order; when it throws, the stream is cut, and the exception's message goes to the log.
     *
     * <p>{@code in} ends with -1 when the peer has closed its output, and throws when the connection is lost, idle for
     * too long or the server stops. {@code out} sends with each call and blocks while the peer doesn't read; its
     * {@code close} tells the peer that nothing follows, and {@code in} can still be read. At most one thread at a time
     * reads, and one writes; the two may differ. Neither is touched after this method ends.
     *
     * @param payload what the peer sent first
     */
    void serve(StreamHead head, byte[] payload, InputStream in, OutputStream out) throws IOException;
}
