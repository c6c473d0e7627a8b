package io.lockstep.agent.store;

import io.lockstep.cluster.Serving;
import io.lockstep.mount.MountTable;
import java.util.Optional;

/**
 * What a Gateway reads one tree through, and how the agent leads it to the share or to the replica. Only links and the
 * mount table are ever read, so that a mount that hangs can't hold up a look or a flip. For one thread at a time.
 */
public sealed interface LivePath permits LinkedLivePath, BoundLivePath, DirectLivePath {
    /** Where it leads, by the mounts that this process sees. */
    Serving look(MountTable mounts);

    /**
     * Leads it to the share or to the replica, in one step that a Gateway sees whole.
     *
     * @param target {@link Serving#MOUNT} or {@link Serving#REPLICA}
     */
    Flip flip(Serving target, MountTable mounts);

    /** What no flip can do here, for people; empty when it can lead away from any mount. */
    default Optional<String> limit() {
        return Optional.empty();
    }

    /** What came of a flip. */
    sealed interface Flip {
        /** It leads there now, durably. */
        record Flipped() implements Flip {}

        /** It did already; nothing was written. */
        record AlreadyThere() implements Flip {}

        /** It was asked for; {@link #look} tells when it is done. */
        record Requested() implements Flip {}

        /** It was asked for long ago and is not done; says what to do. */
        record Overdue(String message) implements Flip {}

        /** It is not for the agent to change; says what to do. */
        record Refused(String message) implements Flip {}

        /** The disk refused; it leads where it led. */
        record Failed(DiskFailure failure) implements Flip {}

        /** Why it does not lead there and is not about to; empty when it does or is. */
        default Optional<String> problem() {
            if (this instanceof Overdue overdue) {
                return Optional.of(overdue.message());
            }
            if (this instanceof Refused refused) {
                return Optional.of(refused.message());
            }
            return this instanceof Failed failed ? Optional.of(failed.failure().message()) : Optional.empty();
        }
    }

    /** Refuses what a caller must not ask for. */
    static void require(Serving target) {
        if (target != Serving.MOUNT && target != Serving.REPLICA) {
            throw new IllegalArgumentException("a live path leads to the mount or to the replica, not " + target);
        }
    }
}
