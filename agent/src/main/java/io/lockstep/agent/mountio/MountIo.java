package io.lockstep.agent.mountio;

import io.lockstep.agent.mountio.Called.Answered;
import io.lockstep.agent.mountio.Called.Failed;
import java.io.IOException;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes calls to a child process and never waits for one longer than its deadline: a child in which a call hangs is
 * killed, every call in it has the same outcome, and the next call starts another child. Safe for any thread; a call
 * waits until the one before on its lane has its outcome.
 */
public final class MountIo implements AutoCloseable {
    private final MountIoLimits limits;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Children children;
    private final Set<Lane> busy = EnumSet.noneOf(Lane.class);
    private int lastCall;

    /**
     * Without a child yet.
     *
     * @param program this program's version, which the child must share
     * @param settings what every child is told
     */
    public MountIo(
            ChildProcess.Starter starter,
            String program,
            ChildSettings settings,
            MountIoLimits limits,
            InstantSource clock) {
        this.limits = limits;
        this.clock = clock;
        children = new Children(starter, Hello.of(program), settings, limits, clock, lock, changed);
    }

    /** Writes a call's body. */
    interface Body {
        /**
         * Writes it.
         *
         * @param child which child it goes to: see {@link Child#serial}
         */
        void write(MessageOutput out, long child) throws IOException;
    }

    /**
     * Makes a call; the parts of its answer go to {@code answer}.
     *
     * @param last whether the child ends with this call, and gives back the memory that it took for it
     */
    Called<Nothing> call(Operation operation, Body body, PendingCall.Answer answer, boolean last) {
        lock.lock();
        try {
            while (busy.contains(operation.lane())) {
                changed.await();
            }
            busy.add(operation.lane());
            try {
                var child = children.take();
                return child instanceof Answered<Child> taken
                        ? call(taken.value(), operation, body, answer, last)
                        : Called.same(child);
            } finally {
                busy.remove(operation.lane());
                changed.signalAll();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Failed<>("interrupted: the agent stops");
        } finally {
            lock.unlock();
        }
    }

    private Called<Nothing> call(Child child, Operation operation, Body body, PendingCall.Answer answer, boolean last)
            throws InterruptedException {
        var call = new PendingCall(++lastCall, operation, answer, clock.instant());
        child.calls().put(call.number(), call);
        try {
            send(child, call, body);
            while (!call.isOver()) {
                changed.await(nanosLeft(child, call), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException | RuntimeException e) {
            // Nobody would wait for this call's end any more, and the next one on its lane would never begin.
            children.kill(child, new Failed<>("a call was given up: " + e));
            throw e;
        }
        children.done(child, call, last);
        return call.outcome();
    }

    /** Sends the body in frames, without the lock while it is made. */
    private void send(Child child, PendingCall call, Body body) throws InterruptedException {
        lock.unlock();
        try (var frames = new BodyFrames(call, this::put, child)) {
            var begin = MessageOutput.bytesOf(out -> out.text(call.operation().name()));
            put(child, call, new Frame(Frame.Type.BEGIN, call.number(), begin));
            body.write(new MessageOutput(frames), child.serial());
            frames.end();
        } catch (CallOverException over) {
            // It has its outcome already, or this thread was interrupted.
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        } catch (IOException e) {
            throw new IllegalStateException("a body can't be made", e);
        } finally {
            lock.lock();
        }
    }

    /** Puts a frame into the child's queue when there is room. */
    private void put(Child child, PendingCall call, Frame frame) throws CallOverException {
        lock.lock();
        try {
            while (!call.isOver() && !child.hasRoom()) {
                changed.await(nanosLeft(child, call), TimeUnit.NANOSECONDS);
            }
            if (call.isOver()) {
                throw new CallOverException();
            }
            child.send(frame);
            call.moved(clock.instant());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CallOverException();
        } finally {
            lock.unlock();
        }
    }

    /** How long the call may still go without a move; ends the child when that is over. */
    private long nanosLeft(Child child, PendingCall call) throws InterruptedException {
        var left = call.left(limits.deadline(), clock.instant()).toNanos();
        if (left <= 0 && child.isSilent()) {
            // It is ending by itself, and the thread that reads its pipe will say how.
            return Children.END.toNanos();
        }
        if (left <= 0) {
            children.hung(child, call);
        }
        return left;
    }

    public MountIoCounts counts() {
        lock.lock();
        try {
            return children.counts();
        } finally {
            lock.unlock();
        }
    }

    /** How much memory the child that takes calls has resident; 0 while there is none. Reads no file of the share. */
    public long residentBytes() {
        var pid = counts().pid();
        return pid.isPresent() ? ProcessMemory.residentBytes(pid.getAsLong()) : 0;
    }

    /** Kills the child and ends every call; waits for nothing. Calls from then on fail. */
    @Override
    public void close() {
        lock.lock();
        try {
            children.close();
        } finally {
            lock.unlock();
        }
    }
}
