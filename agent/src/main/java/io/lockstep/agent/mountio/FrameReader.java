package io.lockstep.agent.mountio;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Reads frames. For one thread. */
final class FrameReader {
    private static final int LENGTH_BYTES = 4;

    private final InputStream in;
    private final byte[] head = new byte[LENGTH_BYTES + Frame.HEAD_BYTES];
    private final ByteBuffer headView = ByteBuffer.wrap(head);

    FrameReader(InputStream in) {
        this.in = in;
    }

    /**
     * The next frame; empty when the other side has closed the pipe between two frames.
     *
     * @throws MalformedFrameException when what comes is none; nothing more can be read then
     */
    Optional<Frame> read() throws IOException {
        int got = in.readNBytes(head, 0, head.length);
        if (got == 0) {
            return Optional.empty();
        }
        if (got < head.length) {
            throw new MalformedFrameException("the pipe ends within a frame's head");
        }
        int length = headView.getInt(0);
        if (length < Frame.HEAD_BYTES || length > Frame.MAX_BYTES) {
            throw new MalformedFrameException(
                    "a frame of " + Integer.toUnsignedString(length) + " bytes; the most are " + Frame.MAX_BYTES);
        }
        var type = Frame.Type.of(head[LENGTH_BYTES]);
        var payload = new byte[length - Frame.HEAD_BYTES];
        int filled = in.readNBytes(payload, 0, payload.length);
        if (filled < payload.length) {
            throw new MalformedFrameException(
                    "the pipe ends after " + filled + " of a payload's " + payload.length + " bytes");
        }
        return Optional.of(new Frame(type, headView.getInt(LENGTH_BYTES + 1), payload));
    }
}
