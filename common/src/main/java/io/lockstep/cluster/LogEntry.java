package io.lockstep.cluster;

import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import java.time.Instant;
import java.util.Optional;

/** One entry of the decision log. Immutable; the log only grows. */
public sealed interface LogEntry {
    /** The place in the log: 1, 2, 3 and so on. */
    long index();

    /** The epoch of the manager that wrote it. */
    long epoch();

    /** When the manager wrote it, by its own clock; for people, never for a decision. */
    Instant at();

    /**
     * The cluster enters a mode, and this manager an epoch.
     *
     * @param base the generation at which the share was last known to be equal; empty before the first
     */
    record ModeChange(
            long index, long epoch, Instant at, Mode mode, Reason reason, NodeName manager, Optional<GenerationId> base)
            implements LogEntry {
        public ModeChange {
            requirePlace(index, epoch);
        }
    }

    /** A manifest becomes the reference. */
    record Commit(long index, long epoch, Instant at, Generation generation) implements LogEntry {
        public Commit {
            requirePlace(index, epoch);
            if (generation.id().epoch() != epoch) {
                throw new IllegalArgumentException("a generation has its entry's epoch: " + generation.id());
            }
        }
    }

    /**
     * This is the cluster's share of a tree from now on: only a share whose marker has this id is proven.
     *
     * @param shareId as the marker has it, 1 to {@value #MAX_SHARE_ID} characters
     */
    record ShareRegistered(long index, long epoch, Instant at, String tree, String shareId) implements LogEntry {
        /** The longest id of a share. */
        public static final int MAX_SHARE_ID = 128;

        public ShareRegistered {
            requirePlace(index, epoch);
            if (tree.isEmpty() || shareId.isEmpty() || shareId.length() > MAX_SHARE_ID) {
                throw new IllegalArgumentException(
                        "a share is registered by a tree's name and an id: '" + tree + "', '" + shareId + "'");
            }
        }
    }

    private static void requirePlace(long index, long epoch) {
        if (index < 1 || epoch < 1) {
            throw new IllegalArgumentException("index and epoch start at 1: " + index + ", " + epoch);
        }
    }
}
