package io.lockstep.agent.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits between two questions to an agent. */
@FunctionalInterface
interface Pause {
    /** Waits for {@code duration}; true as soon as nobody wants another question. */
    boolean endsWithin(Duration duration) throws InterruptedException;

    /** Waits in real time, and ends with the process only. */
    static Pause real() {
        var never = new CountDownLatch(1);
        return duration -> never.await(duration.toMillis(), TimeUnit.MILLISECONDS);
    }
}
