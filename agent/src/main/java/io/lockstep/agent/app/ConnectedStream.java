package io.lockstep.agent.app;

import io.lockstep.agent.rsync.ByteStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Both directions of a connection as rsync's stream. */
record ConnectedStream(InputStream input, OutputStream output, Closeable connection) implements ByteStream {
    @Override
    public void close() throws IOException {
        connection.close();
    }
}
