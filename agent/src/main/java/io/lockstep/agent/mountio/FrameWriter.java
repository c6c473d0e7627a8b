package io.lockstep.agent.mountio;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Writes frames, each whole and at once. For any number of threads. */
final class FrameWriter {
    private final OutputStream out;

    FrameWriter(OutputStream out) {
        this.out = out;
    }

    void write(Frame frame) throws IOException {
        write(frame.type(), frame.call(), frame.payload(), frame.payload().length);
    }

    /** Writes a frame with the first {@code length} bytes of {@code payload}. */
    synchronized void write(Frame.Type type, int call, byte[] payload, int length) throws IOException {
        if (length > Frame.MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("a frame can't have " + length + " bytes");
        }
        var head = ByteBuffer.allocate(4 + Frame.HEAD_BYTES);
        head.putInt(Frame.HEAD_BYTES + length).put((byte) type.number()).putInt(call);
        out.write(head.array());
        out.write(payload, 0, length);
        out.flush();
    }
}
