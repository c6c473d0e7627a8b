package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.NextManifest;
import io.lockstep.generation.View;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.mode.ModeDecision;
import io.lockstep.mode.ModeInput;
import io.lockstep.mode.ModeInput.Relation;
import io.lockstep.mode.ModeMachine;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What only the manager does: it classifies what it sees, asks {@link ModeMachine}, and makes the decision durable
 * before it acts. Content is staged before the generation that names it is committed, so that a committed generation
 * can always be completed.
 */
final class ManagerDuty {
    private static final Logger LOG = LoggerFactory.getLogger(ManagerDuty.class);

    /** How long an approval stays good. */
    static final Duration APPROVAL = Duration.ofHours(1);

    private static final DeletionGuard NO_DELETION = new DeletionGuard(0, 0);

    private final LoopSettings settings;
    private final Ledger ledger;
    private final Share share;
    private final LoopListener listener;
    private final Background<Staging> staging;
    private final Background<Change> writing;
    private Optional<Candidate> stagingFor = Optional.empty();
    private Optional<Digest> staged = Optional.empty();
    private Optional<Hold> hold = Optional.empty();
    private Optional<Digest> approved = Optional.empty();
    private Instant approvedAt = Instant.MIN;
    private Instant workStartedAt = Instant.MIN;
    private Optional<Spreading> spreading = Optional.empty();
    private List<EntryPath> heldBack = List.of();
    private Optional<String> problem = Optional.empty();

    /** What a place's two latest looks allow as the next generation. */
    private record Candidate(
            View older,
            View newer,
            Manifest reference,
            DeletionGuard guard,
            NextManifest next,
            Optional<Reason> excess,
            Instant seenAt) {
        boolean isChange() {
            return !next.manifest().root().equals(reference.root());
        }
    }

    /** A generation on its way to all nodes. */
    private record Spreading(Digest root, Instant since) {}

    private Optional<Candidate> lastOfShare = Optional.empty();
    private Optional<Candidate> lastOfReplica = Optional.empty();

    ManagerDuty(
            LoopSettings settings, Ledger ledger, Share share, LoopListener listener, Executor onShare, Runnable wake) {
        this.settings = settings;
        this.ledger = ledger;
        this.share = share;
        this.listener = listener;
        staging = new Background<>(onShare, wake);
        writing = new Background<>(onShare, wake);
    }

    List<Hold> holds() {
        return hold.stream().toList();
    }

    /** The paths that keep the reference's state for now, because they did not settle or can't be told. */
    List<EntryPath> heldBack() {
        return heldBack;
    }

    /** Why the last step did not come to its end; empty when it did. */
    Optional<String> problem() {
        return problem;
    }

    /** Whether the stage holds, or is about to hold, content of a generation that is not committed yet. */
    boolean needsStage() {
        return staging.isRunning() || staged.isPresent();
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

    /** Observes, decides, makes durable, acts. */
    void turn(ShareWatch shareWatch, ReplicaWatch replicaWatch, List<PeerState> peers, boolean stageIsBusy, Instant now)
            throws IOException {
        collect(shareWatch, now);
        var reference = ledger.reference().orElse(Manifest.empty());
        lastOfShare = candidate(lastOfShare, shareWatch.older(), shareWatch.newer(), reference);
        lastOfReplica = candidate(lastOfReplica, replicaWatch.older(), replicaWatch.newer(), reference);
        var decided = ledger.decided();
        boolean fromShare = decided.mode() == Mode.SHARED || decided.mode() == Mode.HOLD;
        var authority = fromShare ? lastOfShare : lastOfReplica;
        heldBack = authority.map(c -> c.next().heldBack()).orElse(List.of());
        var relation = fromShare ? relationAsAuthority() : relationAsReturned(shareWatch, reference);
        var input = new ModeInput(
                decided.mode(),
                shareClass(shareWatch, now),
                relation,
                lastOfShare.flatMap(Candidate::excess).isPresent(),
                shareWatch.isProvenFor(settings.returnAfter(), now),
                peers.stream().anyMatch(ManagerDuty::provesShare),
                isMajority(shareWatch, peers),
                replicaClass(replicaWatch, reference),
                ledger.reference().isPresent(),
                isApproved(authority, now));
        act(ModeMachine.decide(input), shareWatch, replicaWatch, reference, stageIsBusy, now);
    }

    private Optional<Candidate> candidate(
            Optional<Candidate> last,
            Optional<LookHistory.Look> older,
            Optional<LookHistory.Look> newer,
            Manifest reference) {
        if (older.isEmpty() || newer.isEmpty()) {
            return Optional.empty();
        }
        var first = older.get().view();
        var second = newer.get().view();
        boolean isSame = last.filter(c -> c.older().equals(first)
                        && c.newer().equals(second)
                        && c.reference().equals(reference)
                        && c.guard().equals(guard()))
                .isPresent();
        if (isSame) {
            return last;
        }
        var next = NextManifest.after(reference, first, second);
        var excess = guard().check(reference, next.manifest());
        boolean isNew =
                last.filter(c -> c.next().manifest().equals(next.manifest())).isEmpty();
        var seenAt = isNew ? older.get().at() : last.get().seenAt();
        return Optional.of(
                new Candidate(first, second, reference, guard(), next, excess.map(e -> Reason.DELETION_GUARD), seenAt));
    }

    /**
     * While deletions are held, none passes without an approval: files that a person puts back one by one would
     * otherwise let the rest go as soon as few enough are missing.
     */
    private DeletionGuard guard() {
        var decided = ledger.decided();
        boolean isHeld = decided.mode() == Mode.HOLD && decided.modeReason() == Reason.DELETION_GUARD;
        return isHeld ? NO_DELETION : settings.guard();
    }

    private Relation relationAsAuthority() {
        return lastOfShare
                .map(c -> c.isChange() || ledger.reference().isEmpty() ? Relation.OTHER : Relation.EQUAL)
                .orElse(Relation.UNTOLD);
    }

    private Relation relationAsReturned(ShareWatch shareWatch, Manifest reference) {
        var look = shareWatch.newer();
        var lineage = ledger.lineage();
        if (look.isEmpty() || !shareWatch.isSettled()) {
            return Relation.UNTOLD;
        }
        var view = look.get().view();
        if (view.manifest().equals(reference) && view.canTellAll(reference)) {
            return Relation.EQUAL;
        }
        return lineage.isPresent() && lineage.get().foreignPaths(view, settings.shareKind().resolution()).isEmpty() ? Relation.LINEAGE : Relation.OTHER;
    }

    private ModeInput.Share shareClass(ShareWatch shareWatch, Instant now) {
        if (!settings.hasShare()) {
            return ModeInput.Share.NOT_CONFIGURED;
        }
        var evidence = shareWatch.evidence();
        return switch (evidence.state()) {
            case PROVEN -> ModeInput.Share.PROVEN;
            case UNKNOWN -> ModeInput.Share.UNKNOWN;
            case SUSPECT, LOST ->
                Duration.between(evidence.since(), now).compareTo(settings.lossTimeout()) >= 0
                        ? ModeInput.Share.LOST
                        : ModeInput.Share.SUSPECT;
        };
    }

    private ModeInput.Replica replicaClass(ReplicaWatch replicaWatch, Manifest reference) {
        var look = replicaWatch.newer();
        if (look.isEmpty()) {
            return ModeInput.Replica.UNKNOWN;
        }
        var view = look.get().view();
        if (view.manifest().equals(reference) && view.canTellAll(reference)) {
            return ModeInput.Replica.EQUAL;
        }
        if (lastOfReplica.filter(Candidate::isChange).isEmpty()) {
            return ModeInput.Replica.UNKNOWN;
        }
        return lastOfReplica.get().excess().isPresent() ? ModeInput.Replica.EXCESSIVE : ModeInput.Replica.CHANGED;
    }

    private static boolean provesShare(PeerState peer) {
        return peer.isReachable() && peer.view().orElseThrow().provesShare();
    }

    private static boolean isMajority(ShareWatch shareWatch, List<PeerState> peers) {
        long reachable = 1 + peers.stream().filter(PeerState::isReachable).count();
        long proving = peers.stream().filter(ManagerDuty::provesShare).count();
        return shareWatch.evidence().isProven() && 2 * (proving + 1) > reachable;
    }

    private boolean isApproved(Optional<Candidate> authority, Instant now) {
        boolean isFresh =
                approved.isPresent() && Duration.between(approvedAt, now).compareTo(APPROVAL) < 0;
        return isFresh
                && authority
                        .filter(c -> c.next().manifest().root().equals(approved.get()))
                        .isPresent();
    }

    private void act(
            ModeDecision decision,
            ShareWatch shareWatch,
            ReplicaWatch replicaWatch,
            Manifest reference,
            boolean stageIsBusy,
            Instant now)
            throws IOException {
        var decided = ledger.decided();
        // An operator who names another manager in the configuration starts a new term.
        boolean isNewTerm = decided.epoch() > 0 && !ledger.isTermOf(settings.node());
        if (decision.mode() != decided.mode() || isNewTerm) {
            ledger.enter(decision.mode(), isNewTerm ? Reason.OPERATOR : decision.reason(), settings.node(), now);
            LOG.info(
                    "mode from={} to={} reason={} epoch={}",
                    decided.mode(),
                    decision.mode(),
                    decision.reason(),
                    ledger.decided().epoch());
        }
        updateHold(decision, shareWatch, reference, now);
        switch (decision.commit()) {
            case SHARE -> commitFromShare(replicaWatch, stageIsBusy, now);
            case REPLICA -> commit(lastOfReplica.orElseThrow(), now);
            case NOTHING -> staged = Optional.empty();
        }
        if (decision.writeShare() && !writing.isRunning()) {
            var seen = shareWatch.newer().orElseThrow().view();
            workStartedAt = now;
            writing.start(() -> share.write(reference, seen));
        }
    }

    private void commitFromShare(ReplicaWatch replicaWatch, boolean stageIsBusy, Instant now) throws IOException {
        var candidate = lastOfShare.orElseThrow();
        var next = candidate.next().manifest();
        if (staged.equals(Optional.of(next.root()))) {
            commit(candidate, now);
            staged = Optional.empty();
        } else if (!staging.isRunning() && !stageIsBusy) {
            var have = replicaWatch.newer().map(look -> look.view().manifest()).orElse(Manifest.empty());
            var missing = ManifestDiff.contentMissingFrom(have, next);
            stagingFor = Optional.of(candidate);
            workStartedAt = now;
            staging.start(() -> share.stage(missing));
        }
    }

    private void commit(Candidate candidate, Instant now) throws IOException {
        var generation = ledger.commit(candidate.next().manifest(), now);
        spreading = Optional.of(new Spreading(generation.root(), candidate.seenAt()));
        approved = Optional.empty();
        LOG.info(
                "committed generation={} root={} entries={}",
                generation.id(),
                generation.root().abbreviated(),
                candidate.next().manifest().size());
    }

    private void collect(ShareWatch shareWatch, Instant now) {
        staging.collect().ifPresent(result -> {
            listener.staged(LoopListener.Source.SHARE, result.isComplete(), Duration.between(workStartedAt, now));
            if (result.isComplete()) {
                staged = stagingFor.map(c -> c.next().manifest().root());
                problem = Optional.empty();
            } else {
                // It changed, or went away, while it was copied: the next look tells what it is now.
                problem = result.problem();
                shareWatch.want();
            }
        });
        writing.collect().ifPresent(change -> {
            listener.changed(LoopListener.Place.SHARE, change, Duration.between(workStartedAt, now));
            LOG.info(
                    "share brought up written={} trashed={} problem=\"{}\"",
                    change.written(),
                    change.trashed(),
                    change.problem().orElse(""));
            problem = change.problem();
            shareWatch.want();
        });
    }

    private void updateHold(ModeDecision decision, ShareWatch shareWatch, Manifest reference, Instant now) {
        var before = hold;
        hold = decision.hold().flatMap(reason -> switch (reason) {
            case SHARE_DIVERGED -> divergedShare(shareWatch, before, now);
            default -> excessivePlan(reason, reference, before, now);
        });
        hold.filter(h -> before.filter(b -> b.id().equals(h.id())).isEmpty())
                .ifPresent(h -> LOG.warn("hold id={} reason={} text=\"{}\"", h.id(), h.reason(), h.text()));
        if (hold.isEmpty() && before.isPresent()) {
            LOG.info("hold id={} is over", before.get().id());
        }
    }

    private Optional<Hold> excessivePlan(Reason reason, Manifest reference, Optional<Hold> before, Instant now) {
        boolean fromShare = ledger.decided().mode() == Mode.HOLD;
        return (fromShare ? lastOfShare : lastOfReplica).map(candidate -> {
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

    private Optional<Hold> divergedShare(ShareWatch shareWatch, Optional<Hold> before, Instant now) {
        return shareWatch.newer().map(look -> {
            var paths = ledger.lineage()
                    .map(lineage -> lineage.foreignPaths(look.view(), settings.shareKind().resolution()))
                    .orElse(List.of());
            var text = "the share came back with " + paths.size()
                    + " paths that are as in no generation since it was lost";
            return holdOf(Reason.SHARE_DIVERGED, look.view().manifest().root(), text, paths, before, now);
        });
    }

    private static Hold holdOf(
            Reason reason, Digest plan, String text, List<EntryPath> paths, Optional<Hold> before, Instant now) {
        var id = plan.abbreviated();
        var since = before.filter(b -> b.id().equals(id)).map(Hold::since).orElse(now);
        var listed = paths.subList(0, Math.min(paths.size(), Hold.MAX_PATHS));
        return new Hold(id, reason, plan, text, listed, paths.size(), since);
    }

    /** Tells the listener when all reachable members serve what was last committed. */
    void watchSpreading(Optional<Digest> ownServed, List<PeerState> peers, Instant now) {
        if (spreading.isEmpty()) {
            return;
        }
        var root = Optional.of(spreading.get().root());
        boolean everywhere = ownServed.equals(root)
                && peers.stream()
                        .filter(PeerState::isReachable)
                        .allMatch(peer -> peer.view().orElseThrow().servedRoot().equals(root));
        if (everywhere) {
            listener.propagated(Duration.between(spreading.get().since(), now));
            spreading = Optional.empty();
        }
    }
}
