package io.lockstep.agent.loop;

import io.lockstep.agent.loop.Candidates.Candidate;
import io.lockstep.agent.loop.ShareMerge.Obstacle;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The manager's plan that waits for an operator, and the approval of it. Only the control thread calls the methods. */
final class HeldPlan {
    private static final Logger LOG = LoggerFactory.getLogger(HeldPlan.class);

    /** How long an approval stays good. */
    private static final Duration APPROVAL = Duration.ofHours(1);

    private final Ledger ledger;
    private final Candidates candidates;
    private Optional<Hold> hold = Optional.empty();
    private Optional<Digest> approved = Optional.empty();
    private Instant approvedAt = Instant.MIN;

    HeldPlan(Ledger ledger, Candidates candidates) {
        this.ledger = ledger;
        this.candidates = candidates;
    }

    List<Hold> holds() {
        return hold.stream().toList();
    }

    /** Approves the plan that is held under {@code id}, for an hour; false when no such plan can be approved. */
    boolean approve(String id, Instant now) {
        boolean matches = hold.filter(h -> h.id().equals(id) && h.reason() == Reason.DELETION_GUARD)
                .isPresent();
        if (matches) {
            approved = hold.map(Hold::plan);
            approvedAt = now;
            LOG.info("approved plan={}", approved.get());
        }
        return matches;
    }

    /** Whether exactly this candidate is approved now. */
    boolean isApproved(Optional<Candidate> candidate, Instant now) {
        return candidate.filter(c -> isApproved(c.next().manifest(), now)).isPresent();
    }

    /** Whether exactly this manifest is approved as the next generation now. */
    boolean isApproved(Manifest plan, Instant now) {
        return approved.equals(Optional.of(plan.root()))
                && Duration.between(approvedAt, now).compareTo(APPROVAL) < 0;
    }

    /** A generation was committed, so that an approval has been used, or has had its time. */
    void forgetApproval() {
        approved = Optional.empty();
    }

    /**
     * Takes over what the mode machine holds back.
     *
     * @param obstacle what keeps a share that came back from being merged; empty when nothing does
     */
    void update(Optional<Reason> why, Optional<Obstacle> obstacle, Manifest reference, Instant now) {
        var before = hold;
        hold = why.flatMap(reason -> obstacle.filter(o -> o.reason() == reason)
                .map(o -> holdOf(reason, o.plan().root(), o.text(), o.paths(), before, now))
                .or(() -> excessivePlan(reason, reference, before, now)));
        hold.filter(h -> before.filter(b -> b.id().equals(h.id())).isEmpty())
                .ifPresent(h -> LOG.warn("hold id={} reason={} text=\"{}\"", h.id(), h.reason(), h.text()));
        if (hold.isEmpty() && before.isPresent()) {
            LOG.info("hold id={} is over", before.get().id());
        }
    }

    private Optional<Hold> excessivePlan(Reason reason, Manifest reference, Optional<Hold> before, Instant now) {
        boolean fromShare = ledger.decided().mode() == Mode.HOLD;
        return (fromShare ? candidates.ofShare() : candidates.ofReplica()).map(candidate -> {
            var plan = candidate.next().manifest();
            var paths = ManifestDiff.between(reference, plan).differences().stream()
                    .filter(d -> d.kind() == ManifestDiff.Kind.MISSING)
                    .map(ManifestDiff.Difference::path)
                    .toList();
            var text = "the " + (fromShare ? "share" : "manager's replica") + " lacks " + paths.size() + " of "
                    + reference.size() + " entries of the reference";
            return holdOf(reason, plan.root(), text, paths, before, now);
        });
    }

    private static Hold holdOf(
            Reason reason, Digest plan, String text, List<EntryPath> paths, Optional<Hold> before, Instant now) {
        var id = plan.abbreviated();
        var since = before.filter(b -> b.id().equals(id)).map(Hold::since).orElse(now);
        var listed = paths.subList(0, Math.min(paths.size(), Hold.MAX_PATHS));
        return new Hold(id, reason, plan, text, listed, paths.size(), since);
    }
}
