package io.lockstep.agent.mountio;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Starts children that are threads of this process, joined by real pipes, so that a test decides how they end. */
final class ThreadChildren implements ChildProcess.Starter, AutoCloseable {
    /** What runs in a child. */
    interface Main {
        void run(InputStream in, OutputStream out) throws IOException;
    }

    private final List<Started> started = new ArrayList<>();
    private Main main;
    private boolean hangsWhenKilled;

    ThreadChildren(Main main) {
        this.main = main;
    }

    /** A child that serves as a child of this version does. */
    static Main serving(ChildLoop.Maker maker) {
        return (in, out) -> ChildLoop.run(in, out, "test", maker);
    }

    /** What the next children run. */
    synchronized void setMain(Main next) {
        main = next;
    }

    /** From now on a killed child is still there, as one that hangs in a mount is. */
    synchronized void hangWhenKilled() {
        hangsWhenKilled = true;
    }

    /** The mount lets go of all. */
    synchronized void release() {
        hangsWhenKilled = false;
        started.stream().filter(child -> child.killed).forEach(child -> child.end("signal 9"));
    }

    synchronized int count() {
        return started.size();
    }

    /** The child that was started last. */
    synchronized Started last() {
        return started.get(started.size() - 1);
    }

    @Override
    public synchronized ChildProcess start() throws IOException {
        var child = new Started(Pipe.open(), Pipe.open(), Pipe.open(), 1000 + started.size());
        started.add(child);
        var running = main;
        child.thread = new Thread(() -> child.run(running), "child-" + child.pid());
        child.thread.setDaemon(true);
        child.thread.start();
        return child;
    }

    @Override
    public synchronized void close() throws IOException {
        hangsWhenKilled = false;
        started.forEach(Started::kill);
    }

    /** One of them. */
    final class Started implements ChildProcess {
        private final Pipe toChild;
        private final Pipe fromChild;
        private final Pipe errors;
        private final long pid;
        private final CompletableFuture<String> ended = new CompletableFuture<>();
        private Thread thread = Thread.currentThread();
        private boolean killed;

        private Started(Pipe toChild, Pipe fromChild, Pipe errors, long pid) {
            this.toChild = toChild;
            this.fromChild = fromChild;
            this.errors = errors;
            this.pid = pid;
        }

        private void run(Main what) {
            try {
                what.run(Channels.newInputStream(toChild.source()), Channels.newOutputStream(fromChild.sink()));
                endUnlessKilled("exit code 0");
            } catch (IOException | RuntimeException e) {
                endUnlessKilled("exit code 70");
            }
        }

        private void endUnlessKilled(String how) {
            synchronized (ThreadChildren.this) {
                if (!killed) {
                    end(how);
                }
            }
        }

        /** Ends it as the operating system would: its pipes are closed, and nothing is left of it. */
        void end(String how) {
            ended.complete(how);
            try {
                fromChild.sink().close();
                toChild.source().close();
                errors.sink().close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            thread.interrupt();
        }

        @Override
        public OutputStream input() {
            return Channels.newOutputStream(toChild.sink());
        }

        @Override
        public InputStream output() {
            return Channels.newInputStream(fromChild.source());
        }

        @Override
        public InputStream errors() {
            return Channels.newInputStream(errors.source());
        }

        @Override
        public long pid() {
            return pid;
        }

        @Override
        public void kill() {
            synchronized (ThreadChildren.this) {
                killed = true;
                if (!hangsWhenKilled) {
                    end("signal 9");
                }
            }
        }

        @Override
        public CompletableFuture<String> ended() {
            return ended;
        }
    }
}
