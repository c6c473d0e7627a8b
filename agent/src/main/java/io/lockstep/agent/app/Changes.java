package io.lockstep.agent.app;

import io.lockstep.agent.loop.Change;
import io.lockstep.agent.store.ApplyOutcome;
import io.lockstep.agent.store.PathResult;
import java.util.List;
import java.util.Optional;

/** Tells the loop what an apply came to. */
final class Changes {
    private Changes() {}

    static Change of(ApplyOutcome outcome) {
        if (outcome instanceof ApplyOutcome.Applied applied) {
            var unsettled = applied.unsettled();
            return count(
                    applied.results(),
                    unsettled.isEmpty()
                            ? Optional.empty()
                            : Optional.of(unsettled.size() + " paths are not as the generation has them, the first is "
                                    + unsettled.get(0).path() + ": "
                                    + unsettled.get(0).effect()));
        }
        if (outcome instanceof ApplyOutcome.Stopped stopped) {
            return count(stopped.results(), Optional.of(stopped.failure().message()));
        }
        if (outcome instanceof ApplyOutcome.NoRoom full) {
            return failed("there is not enough room at " + full.place() + ": " + full.needed() + " needed, "
                    + full.available() + " available; free some, the agent tries again");
        }
        if (outcome instanceof ApplyOutcome.ContentMissing missing) {
            return failed(missing.entries().size() + " contents are not staged");
        }
        return failed("the generation does not speak of tree "
                + ((ApplyOutcome.TreeNotInGeneration) outcome).tree()
                + ": all nodes need the same trees in their configuration");
    }

    private static Change failed(String problem) {
        return new Change(0, 0, 0, Optional.of(problem));
    }

    private static Change count(List<PathResult> results, Optional<String> problem) {
        int done = (int) results.stream()
                .filter(result -> result.effect() == PathResult.Effect.DONE)
                .count();
        return new Change(
                done,
                (int) results.stream()
                        .filter(result -> result.kept() == PathResult.Kept.TRASH)
                        .count(),
                (int) results.stream()
                        .filter(result -> result.kept() == PathResult.Kept.CONFLICT)
                        .count(),
                problem);
    }

    static Change sum(List<Change> changes) {
        var sum = new Change(0, 0, 0, Optional.empty());
        for (var change : changes) {
            sum = new Change(
                    sum.written() + change.written(),
                    sum.trashed() + change.trashed(),
                    sum.preserved() + change.preserved(),
                    sum.problem().or(change::problem));
        }
        return sum;
    }
}
