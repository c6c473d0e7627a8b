package io.lockstep.agent.store;

import io.lockstep.generation.ManifestEntry;
import java.util.List;

/** What came of bringing a tree to a generation. Only a rescan proves that the tree is there. */
public sealed interface ApplyOutcome {
    /** Every path was tried; what was done is durable. */
    record Applied(List<PathResult> results) implements ApplyOutcome {
        public Applied {
            results = List.copyOf(results);
        }

        /** The paths that are not as the generation has them, for a reason of their own. */
        public List<PathResult> unsettled() {
            return results.stream().filter(result -> !result.isSettled()).toList();
        }

        /** How many old contents went there. */
        public long count(PathResult.Kept kept) {
            return results.stream().filter(result -> result.kept() == kept).count();
        }
    }

    /** The disk refused a step; each path is as it was or as the generation has it. Apply again once it is repaired. */
    record Stopped(List<PathResult> results, DiskFailure failure) implements ApplyOutcome {
        public Stopped {
            results = List.copyOf(results);
        }
    }

    /** There is not enough room for the whole; nothing was touched. */
    record NoRoom(String place, SpaceNeed needed, SpaceNeed available) implements ApplyOutcome {}

    /** The stage has not all content; nothing was touched. Fetch these and apply again. */
    record ContentMissing(List<ManifestEntry> entries) implements ApplyOutcome {
        public ContentMissing {
            entries = List.copyOf(entries);
        }
    }

    /** The generation does not speak of this tree, which is not the same as an empty tree; nothing was touched. */
    record TreeNotInGeneration(String tree) implements ApplyOutcome {}
}
