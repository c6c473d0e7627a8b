package io.lockstep.agent.mountio;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One child and the three threads that serve its pipes. They are daemons: while a killed child hangs in a mount its
 * pipes stay open, and nothing ends a thread that waits for one. Its fields belong to the lock.
 */
final class Child {
    /** How many frames wait for the pipe, so that a large call takes no memory for itself. */
    private static final int WAITING = 8;

    /** Hears what the child says and how it ends, on the thread that reads its pipe. */
    interface Hearer {
        void heard(Child child, Frame frame) throws IOException;

        /** Nothing more comes; {@code why} is empty when the pipe just ended. */
        void silent(Child child, Optional<IOException> why);
    }

    private final long serial;
    private final ChildProcess process;
    private final ReentrantLock lock;
    private final Condition changed;
    private final ArrayDeque<Frame> outgoing = new ArrayDeque<>();
    private final Map<Integer, PendingCall> calls = new HashMap<>();
    private boolean ready;
    private boolean retiring;
    private boolean silent;
    private Optional<Called<Nothing>> ending = Optional.empty();

    Child(long serial, ChildProcess process, ReentrantLock lock, Condition changed) {
        this.serial = serial;
        this.process = process;
        this.lock = lock;
        this.changed = changed;
    }

    /** Which child of this agent it is: 1 for the first. */
    long serial() {
        return serial;
    }

    ChildProcess process() {
        return process;
    }

    void startThreads(Hearer hearer) {
        thread("in", () -> read(hearer));
        thread("out", this::write);
        thread("err", new ErrorLog(process.pid(), process.errors())::drain);
    }

    private void thread(String name, Runnable work) {
        var thread = new Thread(work, "mount-io-" + serial + "-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void read(Hearer hearer) {
        var frames = new FrameReader(process.output());
        try {
            for (var frame = frames.read(); frame.isPresent(); frame = frames.read()) {
                hearer.heard(this, frame.get());
            }
            hearer.silent(this, Optional.empty());
        } catch (IOException e) {
            hearer.silent(this, Optional.of(e));
        }
    }

    private void write() {
        try (var pipe = process.input()) {
            var writer = new FrameWriter(pipe);
            for (var frame = next(); frame.isPresent(); frame = next()) {
                writer.write(frame.get());
            }
        } catch (IOException brokenPipe) {
            // The child is gone or going; the thread that reads from it finds out how.
            process.kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The next frame for the pipe; empty when the child has ended. */
    private Optional<Frame> next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (outgoing.isEmpty() && ending.isEmpty()) {
                changed.await();
            }
            changed.signalAll();
            return ending.isPresent() ? Optional.empty() : Optional.of(outgoing.remove());
        } finally {
            lock.unlock();
        }
    }

    boolean hasRoom() {
        return outgoing.size() < WAITING;
    }

    void send(Frame frame) {
        outgoing.add(frame);
        changed.signalAll();
    }

    Map<Integer, PendingCall> calls() {
        return calls;
    }

    boolean isReady() {
        return ready;
    }

    void ready() {
        ready = true;
        changed.signalAll();
    }

    /** Another one takes its place; it ends with its last call. */
    void retire() {
        retiring = true;
    }

    boolean isRetiring() {
        return retiring;
    }

    /** Its pipe has ended, and how it ended is being found out. */
    void silent() {
        silent = true;
    }

    boolean isSilent() {
        return silent;
    }

    Optional<Called<Nothing>> ending() {
        return ending;
    }

    /** Ends every call that has no outcome. */
    void end(Called<Nothing> how) {
        if (ending.isEmpty()) {
            ending = Optional.of(how);
        }
        calls.values().forEach(call -> call.end(how));
        calls.clear();
        outgoing.clear();
        changed.signalAll();
    }
}
