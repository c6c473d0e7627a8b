package io.lockstep.agent.mountio;

import java.time.Duration;

/**
 * How long the parent waits, and how much it lets hang.
 *
 * @param deadline a probe that is not done after this hangs, and so does any other call that has not moved for this
 * @param start a child that has not said hello after this is given up
 * @param startAgain after a child that could not be started, another one is tried no sooner than this
 * @param stuck the most children that were killed and are still there
 */
public record MountIoLimits(Duration deadline, Duration start, Duration startAgain, int stuck) {
    /** The most stuck children of an agent. */
    public static final int MAX_STUCK = 4;

    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration START_AGAIN = Duration.ofSeconds(5);

    /** An agent's limits. */
    public static MountIoLimits of(Duration deadline) {
        return new MountIoLimits(deadline, START, START_AGAIN, MAX_STUCK);
    }

    /**
     * How long after the last kill another child is started while some are stuck: each that hangs doubles it, since a
     * mount that lets go of none of them will hardly answer the next.
     */
    Duration pause(int stuckNow) {
        return deadline.multipliedBy(1L << Math.min(stuckNow, 16));
    }
}
