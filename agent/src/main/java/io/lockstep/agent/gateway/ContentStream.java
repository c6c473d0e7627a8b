package io.lockstep.agent.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** A content from its start. Remembers when the disk refused, since a parser wraps that in an exception of its own. */
final class ContentStream extends InputStream {
    private final Content content;
    private long position;
    private Optional<IOException> failure = Optional.empty();

    ContentStream(Content content) {
        this.content = content;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        try {
            int got = content.read(position, into, offset, length);
            position += got;
            return got == 0 ? -1 : got;
        } catch (IOException e) {
            failure = Optional.of(e);
            throw e;
        }
    }

    /** Throws what the disk said, if it refused: then a parser's complaint says nothing of the content. */
    void rethrowFailure() throws IOException {
        if (failure.isPresent()) {
            throw failure.get();
        }
    }
}
