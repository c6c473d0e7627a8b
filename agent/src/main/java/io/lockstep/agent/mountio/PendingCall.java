package io.lockstep.agent.mountio;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A call that has no outcome yet. Its fields belong to the lock of {@link MountIo}. */
final class PendingCall {
    /** Takes an answer, on the thread that reads the child's pipe; never after the call has an outcome. */
    interface Answer {
        void part(byte[] payload) throws IOException;

        /** The child tells how much it did, in all. */
        default void progress(long entries, long bytes) {}
    }

    private final int number;
    private final Operation operation;
    private final Answer answer;
    private final Instant startedAt;
    private Instant movedAt;
    private Pulse pulse = Pulse.NONE;
    private boolean answered;
    /** Present as soon as there will be no answer. */
    private Optional<Called<Nothing>> ending = Optional.empty();

    PendingCall(int number, Operation operation, Answer answer, Instant now) {
        this.number = number;
        this.operation = operation;
        this.answer = answer;
        startedAt = now;
        movedAt = now;
    }

    int number() {
        return number;
    }

    Operation operation() {
        return operation;
    }

    Answer answer() {
        return answer;
    }

    void moved(Instant now) {
        movedAt = now;
    }

    void pulsed(Pulse next, Instant now) {
        if (next.hasMovedSince(pulse)) {
            movedAt = now;
        }
        pulse = next;
    }

    /** The child's own words for where the call is; empty when it has not said. */
    String step() {
        return pulse.stepText();
    }

    /** Since when it counts: a probe must end in time, whatever it does meanwhile; other calls must only move. */
    Instant since() {
        return operation.lane() == Lane.PROBE ? startedAt : movedAt;
    }

    Duration left(Duration deadline, Instant now) {
        return Duration.between(now, since().plus(deadline));
    }

    void answered() {
        answered = true;
    }

    void end(Called<Nothing> how) {
        if (!answered && ending.isEmpty()) {
            ending = Optional.of(how);
        }
    }

    boolean isOver() {
        return answered || ending.isPresent();
    }

    /** What came of it, once it is over. */
    Called<Nothing> outcome() {
        return answered ? new Called.Answered<>(Nothing.NOTHING) : ending.orElseThrow();
    }
}
