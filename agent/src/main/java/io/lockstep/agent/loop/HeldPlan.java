package io.lockstep.agent.loop;

import io.lockstep.agent.loop.Candidates.Candidate;
import io.lockstep.agent.loop.ShareMerge.Obstacle;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.PlanChanges;
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
    private boolean rejected;
    private boolean isOfMerge;

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
            rejected = false;
            approved = hold.map(Hold::plan);
            approvedAt = now;
            LOG.info("approved plan={}", approved.get());
        }
        return matches;
    }

    /**
     * Refuses the plan that is held under {@code id}, and with it whatever it becomes while what it lacks is put back;
     * false when no such plan can be refused.
     */
    boolean reject(String id) {
        boolean matches = hold.filter(h -> h.id().equals(id) && h.reason() == Reason.DELETION_GUARD)
                .isPresent();
        if (matches) {
            approved = Optional.empty();
            rejected = true;
            LOG.info("rejected plan={}", hold.get().plan());
        }
        return matches;
    }

    /** Whether what is held is the merge with a share that came back. */
    boolean isOfMerge() {
        return isOfMerge;
    }

    /** Whether the plan that is held, or what it has become since, was refused. */
    boolean isRejected() {
        return rejected;
    }

    /** Whether exactly this candidate is approved now. */
    boolean isApproved(Optional<Candidate> candidate, Instant now) {
        return candidate.filter(c -> isApproved(c.next().manifest(), now)).isPresent();
    }

    /** Whether exactly this manifest is approved as the next generation now. */
    boolean isApproved(Manifest plan, Instant now) {
        return approvedUntil(plan.root(), now).isPresent();
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
        var ofMerge = why.flatMap(reason -> obstacle.filter(o -> o.reason() == reason))
                .map(o -> obstacleHold(o, reference, before, now));
        hold = ofMerge.or(() -> why.flatMap(reason -> excessivePlan(reason, reference, before, now)));
        isOfMerge = ofMerge.isPresent();
        candidates.holdDeletions(!isOfMerge
                && hold.filter(h -> h.reason() == Reason.DELETION_GUARD).isPresent());
        hold.filter(h -> before.filter(b -> b.id().equals(h.id())).isEmpty())
                .ifPresent(h -> LOG.warn("hold id={} reason={} text=\"{}\"", h.id(), h.reason(), h.text()));
        if (hold.filter(h -> h.reason() == Reason.DELETION_GUARD).isEmpty()) {
            rejected = false;
        }
        if (hold.isEmpty() && before.isPresent()) {
            LOG.info("hold id={} is over", before.get().id());
        }
    }

    private Optional<Hold> excessivePlan(Reason reason, Manifest reference, Optional<Hold> before, Instant now) {
        boolean fromShare = ledger.decided().mode() == Mode.HOLD;
        return (fromShare ? candidates.ofShare() : candidates.ofReplica()).map(candidate -> {
            var plan = candidate.next().manifest();
            if (isSame(before, reason, plan)) {
                return before.orElseThrow().approvedUntil(approvedUntil(plan.root(), now));
            }
            var changes = PlanChanges.between(reference, plan);
            var place = fromShare ? "share" : "manager's replica";
            var paths = changes.deleted();
            var tree = candidate.excess().map(DeletionGuard.Excess::tree).orElse("");
            var text = "the " + place + " lacks " + paths.size() + " of " + reference.fileCount()
                    + " files of the reference"
                    + candidate
                            .excess()
                            .flatMap(DeletionGuard.Excess::kind)
                            .map(kind -> ", and all " + kind + " of tree " + tree)
                            .orElse("");
            return holdOf(reason, plan.root(), text, paths, tree, changes.counts(reference), before, now);
        });
    }

    private static boolean isSame(Optional<Hold> hold, Reason reason, Manifest plan) {
        return hold.filter(h -> h.reason() == reason && h.plan().equals(plan.root()))
                .isPresent();
    }

    private Hold obstacleHold(Obstacle obstacle, Manifest reference, Optional<Hold> before, Instant now) {
        if (isSame(before, obstacle.reason(), obstacle.plan())) {
            return before.orElseThrow()
                    .approvedUntil(approvedUntil(obstacle.plan().root(), now));
        }
        var paths = obstacle.paths();
        var tree = paths.isEmpty() ? "" : paths.get(0).first().toString();
        var counts = PlanChanges.between(reference, obstacle.plan()).counts(reference);
        return holdOf(obstacle.reason(), obstacle.plan().root(), obstacle.text(), paths, tree, counts, before, now);
    }

    private Hold holdOf(
            Reason reason,
            Digest plan,
            String text,
            List<EntryPath> paths,
            String tree,
            PlanChanges.Counts counts,
            Optional<Hold> before,
            Instant now) {
        var id = plan.abbreviated();
        var since = before.filter(b -> b.id().equals(id)).map(Hold::since).orElse(now);
        var listed = paths.subList(0, Math.min(paths.size(), Hold.MAX_PATHS));
        return new Hold(
                id,
                reason,
                plan,
                text,
                listed,
                paths.size(),
                since,
                tree,
                counts,
                approvedUntil(plan, now),
                Optional.empty());
    }

    /** Until when exactly this plan is approved; empty when it is not. */
    private Optional<Instant> approvedUntil(Digest plan, Instant now) {
        var until = approvedAt.equals(Instant.MIN) ? Instant.MIN : approvedAt.plus(APPROVAL);
        return approved.filter(plan::equals).isPresent() && now.isBefore(until) ? Optional.of(until) : Optional.empty();
    }
}
