package io.lockstep.cluster;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.PlanChanges;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A plan that waits for an operator.
 *
 * @param id the first twelve digits of the plan's digest: what an operator types
 * @param plan the root digest of the manifest that would become the reference; an approval is for exactly this one
 * @param text what would happen, in a sentence
 * @param paths the paths that the plan concerns, at most {@value #MAX_PATHS} of them, sorted
 * @param pathCount how many there are in all
 * @param tree the tree because of which it waits; empty when it is about all
 * @param counts what the plan does to files, over all trees
 * @param approvedUntil when the approval is over; empty without one
 * @param lapsesAt when the plan is dropped unless it is approved; empty when it waits on
 */
public record Hold(
        String id,
        Reason reason,
        Digest plan,
        String text,
        List<EntryPath> paths,
        int pathCount,
        Instant since,
        String tree,
        PlanChanges.Counts counts,
        Optional<Instant> approvedUntil,
        Optional<Instant> lapsesAt) {
    /** The most paths that a hold lists. */
    public static final int MAX_PATHS = 1000;

    public Hold {
        paths = List.copyOf(paths);
        if (paths.size() > MAX_PATHS || pathCount < paths.size()) {
            throw new IllegalArgumentException("a hold lists at most " + MAX_PATHS + " of its paths");
        }
        // An older agent tells less.
        tree = Objects.requireNonNullElse(tree, "");
        counts = Objects.requireNonNullElse(counts, PlanChanges.Counts.NONE);
        approvedUntil = Objects.requireNonNullElse(approvedUntil, Optional.empty());
        lapsesAt = Objects.requireNonNullElse(lapsesAt, Optional.empty());
    }

    /** A hold of which nothing else is known. */
    public Hold(
            String id, Reason reason, Digest plan, String text, List<EntryPath> paths, int pathCount, Instant since) {
        this(
                id,
                reason,
                plan,
                text,
                paths,
                pathCount,
                since,
                "",
                PlanChanges.Counts.NONE,
                Optional.empty(),
                Optional.empty());
    }

    /** The same, with an approval or without. */
    public Hold approvedUntil(Optional<Instant> until) {
        return new Hold(id, reason, plan, text, paths, pathCount, since, tree, counts, until, lapsesAt);
    }
}
