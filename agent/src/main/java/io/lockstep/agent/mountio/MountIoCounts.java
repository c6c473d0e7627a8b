package io.lockstep.agent.mountio;

import java.util.OptionalLong;

/**
 * What became of the children of this agent so far.
 *
 * @param pid of the one that takes calls; empty while there is none
 * @param stuck killed and still there
 * @param starts since the agent started
 * @param timeouts calls that hung
 * @param deaths children that ended by themselves, or were ended by somebody else
 */
public record MountIoCounts(OptionalLong pid, int stuck, long starts, long timeouts, long deaths) {
    /** How often a child took the place of another one. */
    public long restarts() {
        return Math.max(0, starts - 1);
    }
}
