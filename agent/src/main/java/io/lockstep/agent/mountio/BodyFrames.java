package io.lockstep.agent.mountio;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** A call's body on its way into frames. For one thread. */
final class BodyFrames extends OutputStream {
    /** About how long a frame gets. */
    private static final int PART_BYTES = 16 * 1024;

    private final PendingCall call;
    private final Target target;
    private final Child child;
    private final ByteArrayOutputStream part = new ByteArrayOutputStream();

    /** Takes frames. */
    interface Target {
        void put(Child child, PendingCall call, Frame frame) throws CallOverException;
    }

    BodyFrames(PendingCall call, Target target, Child child) {
        this.call = call;
        this.target = target;
        this.child = child;
    }

    @Override
    public void write(int value) throws IOException {
        part.write(value);
        cut();
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
        for (int from = 0; from < length; from += PART_BYTES) {
            part.write(buffer, offset + from, Math.min(PART_BYTES, length - from));
            cut();
        }
    }

    private void cut() throws CallOverException {
        if (part.size() >= PART_BYTES) {
            put(Frame.Type.PART);
        }
    }

    private void put(Frame.Type type) throws CallOverException {
        target.put(child, call, new Frame(type, call.number(), part.toByteArray()));
        part.reset();
    }

    /** Sends what is left, and that it was all. */
    void end() throws CallOverException {
        put(Frame.Type.END);
    }
}
