package io.lockstep.agent.mountio;

import io.lockstep.agent.mountio.Called.Answered;
import io.lockstep.agent.mountio.Called.Failed;
import io.lockstep.agent.mountio.Called.Hung;
import io.lockstep.agent.mountio.Called.Stuck;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The children of one {@link MountIo}: the one that takes calls, and those that were killed and are still there. Every
 * method but the hearer's is called with the lock.
 */
final class Children implements Child.Hearer {
    private static final Logger LOG = LoggerFactory.getLogger(Children.class);

    /** How long a child that was killed, or has closed its pipe, is waited for. */
    static final Duration END = Duration.ofSeconds(2);

    private final ChildProcess.Starter starter;
    private final Hello hello;
    private final ChildSettings settings;
    private final MountIoLimits limits;
    private final InstantSource clock;
    private final ReentrantLock lock;
    private final Condition changed;
    private final Set<Child> stuck = new HashSet<>();
    private Optional<Child> running = Optional.empty();
    private boolean starting;
    private boolean closed;
    private Optional<LastHang> lastHang = Optional.empty();
    private Optional<FailedStart> failedStart = Optional.empty();
    private long starts;
    private long timeouts;
    private long deaths;

    /** What hung in the child that was killed last, since when, and when it was killed. */
    private record LastHang(String step, Instant since, Instant killedAt) {}

    /** Why there is no child, and until when none is tried. */
    private record FailedStart(String detail, Instant until) {}

    Children(
            ChildProcess.Starter starter,
            Hello hello,
            ChildSettings settings,
            MountIoLimits limits,
            InstantSource clock,
            ReentrantLock lock,
            Condition changed) {
        this.starter = starter;
        this.hello = hello;
        this.settings = settings;
        this.limits = limits;
        this.clock = clock;
        this.lock = lock;
        this.changed = changed;
    }

    /** The child that takes calls, another one if need be; or why there is none. */
    Called<Child> take() throws InterruptedException {
        while (true) {
            if (closed) {
                return new Failed<>("the agent stops");
            }
            if (running.isPresent() && running.get().isReady()) {
                return new Answered<>(running.get());
            }
            if (running.isPresent()) {
                var ended = awaitHello(running.get());
                if (ended.isPresent()) {
                    return Called.same(ended.get());
                }
            } else if (starting) {
                changed.await();
            } else {
                var refusal = refusal(clock.instant());
                if (refusal.isPresent()) {
                    return refusal.get();
                }
                start();
            }
        }
    }

    /** Why no child may be started now. */
    private Optional<Called<Child>> refusal(Instant now) {
        if (stuck.size() >= limits.stuck()) {
            return Optional.of(new Stuck<>(stuck.size() + " helper processes hang in the mount"
                    + lastHang.map(hang -> ", the last one in " + hang.step() + " for " + waited(hang, now))
                            .orElse("")));
        }
        if (!stuck.isEmpty() && lastHang.isPresent()) {
            var hang = lastHang.get();
            return now.isBefore(hang.killedAt().plus(limits.pause(stuck.size())))
                    ? Optional.of(new Hung<>(hang.step(), waited(hang, now)))
                    : Optional.empty();
        }
        return failedStart.filter(failed -> now.isBefore(failed.until())).map(failed -> new Failed<>(failed.detail()));
    }

    private static Duration waited(LastHang hang, Instant now) {
        return Duration.between(hang.since(), now).truncatedTo(ChronoUnit.SECONDS);
    }

    /** Starts a process, without the lock meanwhile. */
    private void start() {
        starting = true;
        starts++;
        lock.unlock();
        Optional<ChildProcess> process = Optional.empty();
        var problem = "";
        try {
            process = Optional.of(starter.start());
        } catch (IOException e) {
            problem = "the helper process that looks at the share can't be started: " + e.getMessage();
            LOG.error("mount-io can't be started", e);
        } finally {
            lock.lock();
            starting = false;
            changed.signalAll();
        }
        if (process.isEmpty()) {
            failedStart = Optional.of(new FailedStart(problem, clock.instant().plus(limits.startAgain())));
            return;
        }
        var child = new Child(starts, process.get(), lock, changed);
        running = Optional.of(child);
        child.send(new Frame(Frame.Type.HELLO, 0, MessageOutput.bytesOf(out -> {
            hello.write(out);
            settings.write(out);
        })));
        child.startThreads(this);
        if (closed) {
            kill(child, new Failed<>("the agent stops"));
        }
    }

    /** Waits for a child's hello; says why there will be none. */
    private Optional<Called<Nothing>> awaitHello(Child child) throws InterruptedException {
        var giveUpAt = clock.instant().plus(limits.start());
        while (!child.isReady() && child.ending().isEmpty()) {
            var left = Duration.between(clock.instant(), giveUpAt);
            if (left.isNegative() || left.isZero()) {
                startFailed(
                        child,
                        "the helper process has not started within " + limits.start()
                                + ": look at the load and the memory of this host");
            } else {
                changed.await(left.toNanos(), TimeUnit.NANOSECONDS);
            }
        }
        return child.ending();
    }

    private void startFailed(Child child, String detail) {
        LOG.error("mount-io pid={} did not start: {}", child.process().pid(), detail);
        failedStart = Optional.of(new FailedStart(detail, clock.instant().plus(limits.startAgain())));
        kill(child, new Failed<>(detail));
    }

    /** A call in the child hangs: it is killed, and everything in it has hung with it. Waits a little for its end. */
    void hung(Child child, PendingCall call) throws InterruptedException {
        var now = clock.instant();
        long pid = child.process().pid();
        // A child that does not even tell where it is hangs as a whole: it is stopped, or has no processor time.
        var step = call.step().isEmpty() ? "a " + call.operation().text() + " in helper process " + pid : call.step();
        timeouts++;
        lastHang = Optional.of(new LastHang(step, call.since(), now));
        kill(child, new Hung<>(step, limits.deadline()));
        awaitEnd(child, now.plus(END));
        lastHang = Optional.of(new LastHang(step, call.since(), clock.instant()));
        LOG.warn(
                "mount-io killed pid={} call={} step=\"{}\" waited={} stuck={}",
                pid,
                call.operation().text(),
                step,
                limits.deadline(),
                stuck.size());
    }

    /** Ends the child for good, with this outcome for the calls in it. It counts as stuck until nothing is left of it. */
    void kill(Child child, Called<Nothing> outcome) {
        if (child.ending().isPresent()) {
            return;
        }
        running = running.filter(other -> other != child);
        child.end(outcome);
        stuck.add(child);
        child.process().kill();
        var unused = child.process().ended().whenComplete((how, failure) -> gone(child));
    }

    /** Most mounts let go of a process that is killed, and then it must not count as stuck for the next call. */
    private void awaitEnd(Child child, Instant until) throws InterruptedException {
        for (var left = Duration.between(clock.instant(), until);
                stuck.contains(child) && !left.isNegative() && !left.isZero();
                left = Duration.between(clock.instant(), until)) {
            changed.await(left.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void gone(Child child) {
        lock.lock();
        try {
            stuck.remove(child);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The call is over.
     *
     * @param last whether the child shall take no other
     */
    void done(Child child, PendingCall call, boolean last) {
        child.calls().remove(call.number());
        if (last) {
            child.retire();
            running = running.filter(other -> other != child);
        }
        if (child.isRetiring() && child.calls().isEmpty()) {
            kill(child, new Failed<>("retired"));
        }
    }

    @Override
    public void heard(Child child, Frame frame) throws IOException {
        if (frame.type() == Frame.Type.HELLO) {
            heardHello(child, Hello.read(new MessageInput(frame.payload())));
            return;
        }
        PendingCall call;
        lock.lock();
        try {
            call = child.calls().get(frame.call());
            if (call == null && child.ending().isPresent()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        if (call == null) {
            throw new MalformedFrameException(frame.type() + " for call " + frame.call() + ", which was not made");
        }
        heard(call, frame);
    }

    private void heard(PendingCall call, Frame frame) throws IOException {
        switch (frame.type()) {
            case PART -> call.answer().part(frame.payload());
            case PULSE -> {
                var pulse = Pulse.read(new MessageInput(frame.payload()));
                call.answer().progress(pulse.entries(), pulse.bytes());
                locked(() -> call.pulsed(pulse, clock.instant()));
            }
            case END -> locked(call::answered);
            case REFUSED -> {
                var why = new MessageInput(frame.payload()).text();
                locked(() -> call.end(new Failed<>("the helper process refused: " + why)));
            }
            default -> throw new MalformedFrameException("a child does not say " + frame.type());
        }
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void heardHello(Child child, Hello theirs) {
        locked(() -> {
            if (!theirs.equals(hello)) {
                startFailed(
                        child,
                        "this agent runs " + hello + " and its program on disk is " + theirs
                                + ": start the agent again");
            } else if (child.ending().isEmpty()) {
                LOG.info("mount-io started pid={}", child.process().pid());
                failedStart = Optional.empty();
                child.ready();
            }
        });
    }

    @Override
    public void silent(Child child, Optional<IOException> why) {
        locked(child::silent);
        // One that can't be understood is still there.
        var how = why.isPresent() ? "it is killed" : endOf(child.process());
        locked(() -> {
            if (child.ending().isPresent()) {
                return;
            }
            deaths++;
            var detail = "helper process " + child.process().pid()
                    + why.map(e -> " can't be understood: " + e.getMessage()).orElse(" ended by itself")
                    + " (" + how + "); the agent's log has what it said";
            if (child.isReady()) {
                LOG.error("mount-io died pid={} detail=\"{}\"", child.process().pid(), detail);
                kill(child, new Failed<>(detail));
            } else {
                startFailed(child, detail);
            }
        });
    }

    /** How a process ended whose pipe has. */
    private static String endOf(ChildProcess process) {
        try {
            return process.ended().get(END.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return "it is still there";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        } catch (ExecutionException e) {
            return String.valueOf(e.getCause());
        }
    }

    MountIoCounts counts() {
        var pid = running.map(child -> OptionalLong.of(child.process().pid())).orElse(OptionalLong.empty());
        return new MountIoCounts(pid, stuck.size(), starts, timeouts, deaths);
    }

    void close() {
        closed = true;
        running.ifPresent(child -> kill(child, new Failed<>("the agent stops")));
        changed.signalAll();
    }
}
