package io.lockstep.cluster;

import java.time.Instant;

/**
 * What a node knows of its share, just now or a while ago.
 *
 * @param state the finding
 * @param reason {@link Reason#OK} exactly when proven
 * @param detail what was seen, for people: a path, an errno; never empty unless proven
 * @param observedAt when it was found, by this node's own clock
 * @param since since when the state has been the same without a break
 */
public record MountEvidence(State state, Reason reason, String detail, Instant observedAt, Instant since) {
    /** The finding; numbers are the value of {@code lockstep_mount_state} and never change. */
    public enum State {
        /** The share is what it should be. */
        PROVEN(1),
        /** Something is wrong, for too short a time to act on it. */
        SUSPECT(2),
        /** The share is not there, or is not the right one. */
        LOST(3),
        /** It could not be found out. */
        UNKNOWN(0);

        private final int metricValue;

        State(int metricValue) {
            this.metricValue = metricValue;
        }

        public int metricValue() {
            return metricValue;
        }
    }

    public MountEvidence {
        if ((state == State.PROVEN) != (reason == Reason.OK)) {
            throw new IllegalArgumentException("only proven evidence is OK: " + state + ", " + reason);
        }
    }

    /** Before the first look. */
    public static MountEvidence notYet(Instant now) {
        return new MountEvidence(State.UNKNOWN, Reason.STARTING, "not looked yet", now, now);
    }

    public boolean isProven() {
        return state == State.PROVEN;
    }

    /** The same finding as {@code next} keeps the time since when it holds. */
    public MountEvidence followedBy(MountEvidence next) {
        return next.state == state
                ? new MountEvidence(next.state, next.reason, next.detail, next.observedAt, since)
                : next;
    }
}
