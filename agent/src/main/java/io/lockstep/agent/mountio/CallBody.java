package io.lockstep.agent.mountio;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** The body of one call, as the child reads it: the payloads of its frames, one after the other. For one reader. */
final class CallBody extends InputStream {
    /** How many frames wait for the reader. */
    private static final int WAITING = 4;

    private final BlockingQueue<Frame> frames = new ArrayBlockingQueue<>(WAITING);
    private byte[] current = Frame.NOTHING;
    private int next;
    private boolean ended;

    /** Adds a frame; waits while there is no room. */
    void add(Frame frame) throws InterruptedException {
        frames.put(frame);
    }

    private boolean hasMore() throws IOException {
        try {
            while (!ended && next == current.length) {
                var frame = frames.take();
                current = frame.payload();
                next = 0;
                ended = frame.type() == Frame.Type.END;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a call came in", e);
        }
        return next < current.length;
    }

    @Override
    public int read() throws IOException {
        return hasMore() ? current[next++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!hasMore()) {
            return -1;
        }
        int count = Math.min(length, current.length - next);
        System.arraycopy(current, next, into, offset, count);
        next += count;
        return count;
    }

    /** Reads what is left, so that the frames of the next call can come. */
    void drain() throws IOException {
        transferTo(OutputStream.nullOutputStream());
    }
}
