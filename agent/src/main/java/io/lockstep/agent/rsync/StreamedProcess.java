package io.lockstep.agent.rsync;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A child process whose standard input and output are joined with a peer's stream until it ends. It owns three threads,
 * which end with it, and closes the stream.
 */
final class StreamedProcess {
    /** How long the process's last output may take to reach the peer, and a killed process to end. */
    static final Duration GRACE = Duration.ofSeconds(10);

    private static final AtomicLong COUNT = new AtomicLong();

    private StreamedProcess() {}

    /** What ended the process. */
    enum Cause {
        EXITED,
        DEADLINE,
        INTERRUPTED,
        TOO_MUCH_DATA
    }

    /**
     * How the process ended.
     *
     * @param exitCode empty unless the cause is {@link Cause#EXITED}
     * @param detail standard error and the stream's failures, bounded and escaped
     */
    record Ended(Cause cause, OptionalInt exitCode, String detail, long receivedBytes, long sentBytes) {}

    /**
     * Runs the command and returns when it has ended, its threads too, and the stream is closed.
     *
     * @param name begins the names of the threads
     * @param home becomes {@code HOME}
     * @param maxReceivedBytes more than that from the peer ends the process
     * @throws IOException when the process can't be started; the stream is closed then as well
     */
    static Ended run(
            String name,
            List<String> command,
            Path directory,
            Path home,
            ByteStream peer,
            Duration deadline,
            long maxReceivedBytes)
            throws IOException {
        Process process;
        try {
            var builder = new ProcessBuilder(command).directory(directory.toFile());
            ProcessEnvironment.restrict(builder.environment(), home);
            process = builder.start();
        } catch (IOException e) {
            closeKeeping(peer, e);
            throw e;
        }
        var id = name + "-" + COUNT.incrementAndGet();
        var stderr = new BoundedText();
        var fromPeer = new Pump(peer.input(), process.getOutputStream(), maxReceivedBytes);
        var toPeer = new Pump(process.getInputStream(), peer.output(), Long.MAX_VALUE);
        var receiving = start(id + "-receive", () -> {
            fromPeer.run();
            // The process learns that the peer has ended, or that no more is accepted.
            fromPeer.closeTarget();
        });
        var sending = start(id + "-send", () -> {
            toPeer.run();
            // A process whose peer does not read any more gets a broken pipe, not a full one.
            toPeer.closeSource();
        });
        var printing = start(id + "-stderr", () -> drain(process.getErrorStream(), stderr));

        var joins = new Joins();
        var cause = joins.await(process, deadline);
        if (cause != Cause.EXITED) {
            kill(process, joins);
        }
        fromPeer.over = true;
        toPeer.over = true;
        // A child that outlives rsync reads our end of this pipe, so that closing it is what ends that child.
        fromPeer.closeTarget();
        joins.join(sending);
        close(peer, stderr);
        joins.join(receiving);
        joins.join(sending);
        joins.join(printing);
        joins.restoreInterrupt();
        if (receiving.isAlive() || sending.isAlive() || printing.isAlive()) {
            throw new IllegalStateException("closing the stream of " + id + " did not end its threads; "
                    + peer.getClass().getName() + ".close() must unblock reads and writes");
        }

        fromPeer.describeFailure("receiving", stderr);
        toPeer.describeFailure("sending", stderr);
        if (cause == Cause.EXITED && fromPeer.overflowed) {
            cause = Cause.TOO_MUCH_DATA;
        }
        var exitCode = cause == Cause.EXITED ? OptionalInt.of(process.exitValue()) : OptionalInt.empty();
        return new Ended(cause, exitCode, stderr.text(), fromPeer.bytes, toPeer.bytes);
    }

    private static Thread start(String name, Runnable task) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Kills the process and all it started, children first: once their parent is gone they can't be found. */
    private static void kill(Process process, Joins joins) {
        // rsync may fork between the look and the kill; the second look finds that child.
        for (int look = 0; look < 2; look++) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
        }
        process.destroyForcibly();
        joins.await(process, GRACE);
    }

    private static void drain(InputStream in, BoundedText text) {
        var buffer = new byte[4096];
        try {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                text.append(buffer, read);
            }
        } catch (IOException e) {
            text.append("reading standard error: " + e.getMessage());
        }
    }

    private static void close(ByteStream peer, BoundedText text) {
        try {
            peer.close();
        } catch (IOException e) {
            text.append("closing the stream: " + e.getMessage());
        }
    }

    /** Closes the stream after a failure, of which it must not take the place. */
    static void closeKeeping(ByteStream peer, IOException first) {
        try {
            peer.close();
        } catch (IOException e) {
            first.addSuppressed(e);
        }
    }

    /** Waits that outlast an interrupt, which is set again at the end. */
    private static final class Joins {
        private boolean interrupted;

        Cause await(Process process, Duration deadline) {
            try {
                return process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS) ? Cause.EXITED : Cause.DEADLINE;
            } catch (InterruptedException e) {
                interrupted = true;
                return Cause.INTERRUPTED;
            }
        }

        void join(Thread thread) {
            try {
                thread.join(GRACE.toMillis());
            } catch (InterruptedException e) {
                interrupted = true;
                join(thread);
            }
        }

        void restoreInterrupt() {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Copies one direction until its source ends, either side fails, or the limit is passed. */
    private static final class Pump implements Runnable {
        private static final int BUFFER_BYTES = 64 * 1024;

        private final InputStream source;
        private final OutputStream target;
        private final long maxBytes;
        // Read by the thread that joins the pump's thread.
        private long bytes;
        private boolean overflowed;
        private String failure = "";
        // What fails after the process's end is our own closing.
        private volatile boolean over;

        Pump(InputStream source, OutputStream target, long maxBytes) {
            this.source = source;
            this.target = target;
            this.maxBytes = maxBytes;
        }

        @Override
        public void run() {
            var buffer = new byte[BUFFER_BYTES];
            try {
                for (int read = source.read(buffer); read >= 0; read = source.read(buffer)) {
                    bytes += read;
                    if (bytes > maxBytes) {
                        overflowed = true;
                        return;
                    }
                    target.write(buffer, 0, read);
                    // rsync waits for an answer to what is still in a buffer.
                    target.flush();
                }
            } catch (IOException e) {
                // Either end closes when the transfer is over; whether it was over, rsync's exit code says.
                keep(e);
            }
        }

        void closeTarget() {
            try {
                target.close();
            } catch (IOException e) {
                keep(e);
            }
        }

        void closeSource() {
            try {
                source.close();
            } catch (IOException e) {
                keep(e);
            }
        }

        private synchronized void keep(IOException e) {
            if (!over && failure.isEmpty()) {
                failure = String.valueOf(e.getMessage());
            }
        }

        void describeFailure(String direction, BoundedText text) {
            if (!failure.isEmpty()) {
                text.append(direction + ": " + failure);
            }
        }
    }
}
