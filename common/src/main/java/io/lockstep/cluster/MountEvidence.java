package io.lockstep.cluster;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a node knows of its share, just now or a while ago.
 *
 * @param state the finding
 * @param reason {@link Reason#OK} when proven and writable. Of proven evidence also {@link Reason#READ_ONLY},
 *     {@link Reason#NO_SPACE} or {@link Reason#NO_PERMISSION}: then the share can be read and not written
 * @param detail what was seen, for people: a path, an errno; never empty unless the reason is OK
 * @param observedAt when what it rests on was seen, by this node's own clock
 * @param since since when the state has been the same without a break
 */
public record MountEvidence(State state, Reason reason, String detail, Instant observedAt, Instant since) {
    private static final Set<Reason> READABLE =
            EnumSet.of(Reason.OK, Reason.READ_ONLY, Reason.NO_SPACE, Reason.NO_PERMISSION);

    /** The finding; numbers are the value of {@code lockstep_mount_state} and never change. */
    public enum State {
        /** The share is what it should be, at least for reading. */
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
        if (state == State.PROVEN ? !READABLE.contains(reason) : reason == Reason.OK) {
            throw new IllegalArgumentException("only proven evidence is OK: " + state + ", " + reason);
        }
    }

    /** Before the first look. */
    public static MountEvidence notYet(Instant now) {
        return new MountEvidence(State.UNKNOWN, Reason.STARTING, "not looked yet", now, now);
    }

    /** Whether a refusal to write for this reason leaves a share that can be read. */
    public static boolean leavesReadable(Reason reason) {
        return reason != Reason.OK && READABLE.contains(reason);
    }

    /** Whether what the share shows can be relied on. */
    public boolean isProven() {
        return state == State.PROVEN;
    }

    /** Whether it can be written too. */
    public boolean isWritable() {
        return isProven() && reason == Reason.OK;
    }

    /** The same finding as {@code next} keeps the time since when it holds. */
    public MountEvidence followedBy(MountEvidence next) {
        return next.state == state
                ? new MountEvidence(next.state, next.reason, next.detail, next.observedAt, since)
                : next;
    }
}
