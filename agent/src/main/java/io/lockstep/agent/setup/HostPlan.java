package io.lockstep.agent.setup;

import io.lockstep.agent.config.Problem;
import java.util.List;

/**
 * What is to be done on this host.
 *
 * @param steps in order; some may have happened already
 * @param obstacles why it must not be begun; empty when it may
 * @param notes what a person should know before
 * @param byHand what is left for a person, in order
 */
public record HostPlan(List<Planned> steps, List<Problem> obstacles, List<String> notes, List<String> byHand) {
    public HostPlan {
        steps = List.copyOf(steps);
        obstacles = List.copyOf(obstacles);
        notes = List.copyOf(notes);
        byHand = List.copyOf(byHand);
    }

    /**
     * A step, and whether it is done already.
     *
     * @param now what is there now
     */
    public record Planned(Step step, String now, boolean hasHappened) {}

    /** Whether nothing is left to do. */
    public boolean isComplete() {
        return steps.stream().allMatch(Planned::hasHappened);
    }
}
