package io.lockstep.wire;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.PlanChanges;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A plan that waits for an operator, as {@code GET /v1/holds} tells it and {@code lockstep holds -f json} shows it.
 *
 * @param planDigest what an approval is for; the same as {@code plan}
 * @param state {@code waiting} or {@code approved}
 * @param approvedUntil when the approval is over
 * @param lapsesAt when the plan is dropped unless it is approved
 * @param expiresAt when the approval is over, or the plan is dropped; empty for a plan that waits without end
 */
public record HoldReport(
        String id,
        String tree,
        Reason reason,
        String remedy,
        Digest planDigest,
        Digest plan,
        String state,
        Optional<Instant> expiresAt,
        PlanChanges.Counts counts,
        String text,
        List<EntryPath> paths,
        int pathCount,
        Instant since,
        Optional<Instant> approvedUntil,
        Optional<Instant> lapsesAt) {
    public HoldReport {
        paths = List.copyOf(paths);
    }

    /** The report of a hold. */
    public static HoldReport of(Hold hold) {
        return new HoldReport(
                hold.id(),
                hold.tree(),
                hold.reason(),
                hold.reason().remedy(),
                hold.plan(),
                hold.plan(),
                hold.approvedUntil().isPresent() ? "approved" : "waiting",
                hold.approvedUntil().or(hold::lapsesAt),
                hold.counts(),
                hold.text(),
                hold.paths(),
                hold.pathCount(),
                hold.since(),
                hold.approvedUntil(),
                hold.lapsesAt());
    }
}
