package io.lockstep.agent.app;

import java.time.Instant;
import java.time.InstantSource;

/**
 * The agent's clock: the wall clock at the start, and from then on only what the monotonic clock adds. It never jumps
 * and never goes back, so that a corrected wall clock can't make evidence old or young.
 */
@ClockAdapter
final class MonotonicClock implements InstantSource {
    private final Instant start = Instant.now();
    private final long startNanos = System.nanoTime();

    @Override
    public Instant instant() {
        return start.plusNanos(System.nanoTime() - startNanos);
    }
}
