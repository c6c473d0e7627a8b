package io.lockstep.agent.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * A connection after its upgrade: blocking streams over Jetty's endpoint. Flow control follows from blocking: nothing is
 * read ahead of the reader, and a write returns when the kernel has taken it.
 */
final class StreamConnection extends AbstractConnection implements Connection.UpgradeTo {
    /** How long the peer has to close its side after ours was closed in order. */
    private static final Duration LINGER = Duration.ofSeconds(2);

    private final Runnable opened;
    private final Scheduler scheduler;
    private final Duration idle;
    private ByteBuffer early = BufferUtil.EMPTY_BUFFER;

    final InputStream in = new Input();
    final OutputStream out = new Output();

    /**
     * A connection that takes over {@code endPoint}.
     *
     * @param executor for Jetty's own callbacks
     * @param opened called once the connection is open, on a thread that it must not hold
     */
    StreamConnection(EndPoint endPoint, Executor executor, Scheduler scheduler, Duration idle, Runnable opened) {
        super(endPoint, executor);
        this.scheduler = scheduler;
        this.idle = idle;
        this.opened = opened;
    }

    /** Keeps what a hasty client sent together with its request. */
    @Override
    public void onUpgradeTo(ByteBuffer buffer) {
        early = buffer;
    }

    @Override
    public void onOpen() {
        super.onOpen();
        getEndPoint().setIdleTimeout(idle.toMillis());
        opened.run();
    }

    /** Not used: readers register their own callback. */
    @Override
    public void onFillable() {}

    /** Reads the length and the payload that every stream starts with. */
    byte[] readPayload(int limitBytes) throws IOException {
        byte[] prefix = in.readNBytes(Integer.BYTES);
        if (prefix.length < Integer.BYTES) {
            throw new EOFException("the peer left before it sent its request");
        }
        int length = ByteBuffer.wrap(prefix).getInt();
        if (length < 0 || length > limitBytes) {
            throw new IOException("the peer's request has " + Integer.toUnsignedString(length) + " bytes, more than "
                    + limitBytes + "; ask for fewer files at once");
        }
        byte[] payload = in.readNBytes(length);
        if (payload.length < length) {
            throw new EOFException("the peer left within its request");
        }
        return payload;
    }

    /**
     * Closes in order: our end first, then what the peer still sends is discarded until it has closed too, for
     * {@link #LINGER} at most. Closing with unread input makes the kernel reset the connection, and what was
     * written last would be lost on its way.
     */
    void finish() throws IOException {
        out.close();
        Scheduler.Task cut = scheduler.schedule(this::close, LINGER.toMillis(), TimeUnit.MILLISECONDS);
        try {
            byte[] discarded = new byte[8192];
            while (in.read(discarded) >= 0) {
                // Whatever comes now was sent before the peer knew of our end.
            }
        } finally {
            cut.cancel();
            close();
        }
    }

    /** Cuts the connection; readers and writers that wait fail. Any thread. */
    void cut(Throwable cause) {
        getEndPoint().close(cause);
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            if (length == 0) {
                return 0;
            }
            if (early.hasRemaining()) {
                int taken = Math.min(length, early.remaining());
                early.get(target, offset, taken);
                return taken;
            }
            // Jetty fills behind the limit of a buffer, so an empty slice takes what comes, at the right place.
            ByteBuffer buffer = ByteBuffer.wrap(target, offset, length).slice();
            BufferUtil.clear(buffer);
            while (true) {
                int filled = getEndPoint().fill(buffer);
                if (filled != 0) {
                    return filled;
                }
                awaitFillable();
            }
        }

        private void awaitFillable() throws IOException {
            try (Blocker.Callback ready = Blocker.callback()) {
                fillInterested(ready);
                if (!getEndPoint().isOpen()) {
                    // It closed before the interest was registered, so nobody else would end this wait.
                    ready.failed(new ClosedChannelException());
                }
                ready.block();
            }
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, source.length);
            if (length == 0) {
                return;
            }
            @Nullable IOException failure = null;
            try (Blocker.Callback written = Blocker.callback()) {
                getEndPoint().write(written, ByteBuffer.wrap(source, offset, length));
                written.block();
            } catch (IOException e) {
                failure = e;
            }
            if (failure != null) {
                // An interrupted write may still hold the caller's array; cutting ends that.
                cut(failure);
                throw failure;
            }
        }

        @Override
        public void close() {
            getEndPoint().shutdownOutput();
        }
    }
}
