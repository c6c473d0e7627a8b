package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Concern;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.HeldBack;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.mode.ModeDecision;
import io.lockstep.mode.ModeInput;
import io.lockstep.mode.ModeInput.Relation;
import io.lockstep.mode.ModeMachine;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
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

    /** Of what is newly held back, this much is told in the log; the rest is in the status. */
    private static final int MOST_LINES = 20;

    private static final DeletionGuard NO_DELETION = new DeletionGuard(0, 0);

    private final LoopSettings settings;
    private final Ledger ledger;
    private final Share share;
    private final LoopListener listener;
    private final Preparation preparation;
    private final Background<Change> writing;
    private final Authority ofShare;
    private final Authority ofReplica;
    private Optional<Hold> hold = Optional.empty();
    private Optional<Digest> approved = Optional.empty();
    private Instant approvedAt = Instant.MIN;
    private Instant workStartedAt = Instant.MIN;
    private Optional<Spreading> spreading = Optional.empty();
    private List<HeldBack> heldBack = List.of();
    private Optional<Digest> heldBackRoot = Optional.empty();
    private Optional<String> problem = Optional.empty();

    /** A generation on its way to all nodes. */
    private record Spreading(Digest root, Instant since) {}

    ManagerDuty(
            LoopSettings settings,
            Ledger ledger,
            Share share,
            Inspector inspector,
            LoopListener listener,
            Executor onShare,
            Executor onReplica,
            Runnable wake) {
        this.settings = settings;
        this.ledger = ledger;
        this.share = share;
        this.listener = listener;
        preparation = new Preparation(share, inspector, listener, onShare, onReplica, wake);
        writing = new Background<>(onShare, wake);
        ofShare = new Authority(Inspector.Origin.SHARE, inspector);
        ofReplica = new Authority(Inspector.Origin.REPLICA, inspector);
    }

    List<Hold> holds() {
        return hold.stream().toList();
    }

    /** The paths that keep the reference's state for now, with why. */
    List<HeldBack> heldBack() {
        return heldBack;
    }

    /** See {@link io.lockstep.cluster.MemberView#heldBackRoot}. */
    Optional<Digest> heldBackRoot() {
        return heldBackRoot;
    }

    /** What people should know of the published paths. */
    List<Concern> concerns() {
        return preparation.concerns();
    }

    /** Why the last step did not come to its end; empty when it did. */
    Optional<String> problem() {
        return problem.or(preparation::problem);
    }

    /** Whether the stage holds, or is about to hold, content of a generation that is not committed yet. */
    boolean needsStage() {
        return preparation.needsStage();
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
        collect(shareWatch, replicaWatch, now);
        var reference = ledger.reference().orElse(Manifest.empty());
        ofShare.look(shareWatch.older(), shareWatch.newer(), reference, guard());
        ofReplica.look(replicaWatch.older(), replicaWatch.newer(), reference, guard());
        var decided = ledger.decided();
        boolean fromShare = decided.mode() == Mode.SHARED || decided.mode() == Mode.HOLD;
        var authority = fromShare ? ofShare : ofReplica;
        var relation = fromShare ? relationAsAuthority() : relationAsReturned(shareWatch, reference);
        var input = new ModeInput(
                decided.mode(),
                shareClass(shareWatch, now),
                relation,
                ofShare.candidate().flatMap(Authority.Candidate::excess).isPresent(),
                shareWatch.isProvenFor(settings.returnAfter(), now),
                peers.stream().anyMatch(ManagerDuty::provesShare),
                isMajority(shareWatch, peers),
                replicaClass(replicaWatch, reference),
                ledger.reference().isPresent(),
                isApproved(authority.candidate(), now));
        act(ModeMachine.decide(input), shareWatch, replicaWatch, reference, stageIsBusy, now);
        // What a new look shows is told once it has been looked into, so that it does not come and go with each look.
        if (!preparation.isBusy()) {
            tell(authority.heldBack());
            heldBackRoot = heldBackRootOf(authority.candidate());
        }
        if (fromShare
                && ofShare.candidate().map(Authority.Candidate::waitsForALook).orElse(true)) {
            shareWatch.confirm();
        }
        if (!fromShare
                && ofReplica.candidate().map(Authority.Candidate::waitsForALook).orElse(true)) {
            replicaWatch.want();
        }
    }

    private void tell(List<HeldBack> found) {
        var before = new HashSet<>(heldBack);
        found.stream()
                .filter(held -> isLasting(held.why()) && !before.contains(held))
                .limit(MOST_LINES)
                .forEach(held ->
                        LOG.warn("held back path={} why={} detail=\"{}\"", held.path(), held.why(), held.detail()));
        heldBack = found;
    }

    /** Whether only another content ends it, and not time alone. */
    private static boolean isLasting(HeldBack.Why why) {
        return switch (why) {
            case INVALID_XML, INVALID_ARCHIVE, INVALID_JSON, INVALID_POLICY, DUPLICATE_API, NEEDED -> true;
            case UNSETTLED, BEING_WRITTEN, UNREADABLE, SPECIAL, BACKED_UP, NO_DIRECTORY -> false;
        };
    }

    /**
     * The authority's root when it differs from the reference in nothing but what is held back for good reason, and in
     * no more files than the guard would let go: a share full of invalid files is no share to be served.
     */
    private Optional<Digest> heldBackRootOf(Optional<Authority.Candidate> found) {
        return found.filter(c -> !c.isChange()
                        && !c.next().heldBack().isEmpty()
                        && c.older().equals(c.newer())
                        && c.next().heldBack().stream().allMatch(held -> isLasting(held.why()))
                        && isFew(c.next().heldBack().size(), c.reference()))
                .map(c -> c.newer().manifest().root());
    }

    private boolean isFew(int paths, Manifest reference) {
        return paths <= settings.guard().most(reference) && paths < Math.max(2, reference.fileCount());
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
        return ofShare.candidate()
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
        return lineage.isPresent() && lineage.get().foreignPaths(view).isEmpty() ? Relation.LINEAGE : Relation.OTHER;
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
        var candidate = ofReplica.candidate();
        // Nothing of it is on its way: what is held back goes to the conflict store when the share leads again.
        if (heldBackRootOf(candidate).isPresent()) {
            return ModeInput.Replica.EQUAL;
        }
        if (candidate.filter(Authority.Candidate::isChange).isEmpty()) {
            return ModeInput.Replica.UNKNOWN;
        }
        return candidate.get().excess().isPresent() ? ModeInput.Replica.EXCESSIVE : ModeInput.Replica.CHANGED;
    }

    private static boolean provesShare(PeerState peer) {
        return peer.isReachable() && peer.view().orElseThrow().provesShare();
    }

    private static boolean isMajority(ShareWatch shareWatch, List<PeerState> peers) {
        long reachable = 1 + peers.stream().filter(PeerState::isReachable).count();
        long proving = peers.stream().filter(ManagerDuty::provesShare).count();
        return shareWatch.evidence().isProven() && 2 * (proving + 1) > reachable;
    }

    private boolean isApproved(Optional<Authority.Candidate> candidate, Instant now) {
        boolean isFresh =
                approved.isPresent() && Duration.between(approvedAt, now).compareTo(APPROVAL) < 0;
        return isFresh
                && candidate
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
            case SHARE -> commitPrepared(ofShare, replicaWatch, stageIsBusy, now);
            case REPLICA -> commitPrepared(ofReplica, replicaWatch, stageIsBusy, now);
            case NOTHING -> {
                preparation.forget();
                ledger.reference().ifPresent(committed -> preparation.survey(committed, now));
            }
        }
        if (decision.writeShare() && !writing.isRunning()) {
            var seen = shareWatch.newer().orElseThrow().view();
            workStartedAt = now;
            writing.start(() -> share.write(reference, seen));
        }
    }

    private void commitPrepared(Authority authority, ReplicaWatch replicaWatch, boolean stageIsBusy, Instant now)
            throws IOException {
        var candidate = authority.candidate().orElseThrow();
        var next = candidate.next().manifest();
        if (preparation.isReady(next)) {
            commit(candidate, now);
            preparation.forget();
        } else if (!stageIsBusy) {
            var have = replicaWatch.newer().map(look -> look.view().manifest()).orElse(Manifest.empty());
            preparation.start(candidate.reference(), next, candidate.origin(), have, now);
        }
    }

    private void commit(Authority.Candidate candidate, Instant now) throws IOException {
        var generation = ledger.commit(candidate.next().manifest(), now);
        spreading = Optional.of(new Spreading(generation.root(), candidate.seenAt()));
        approved = Optional.empty();
        LOG.info(
                "committed generation={} root={} entries={}",
                generation.id(),
                generation.root().abbreviated(),
                candidate.next().manifest().size());
    }

    private void collect(ShareWatch shareWatch, ReplicaWatch replicaWatch, Instant now) {
        preparation
                .turn(now)
                .ifPresent(found ->
                        (found.origin() == Inspector.Origin.SHARE ? ofShare : ofReplica).refuse(found.refused()));
        if (preparation.takeWantsLook()) {
            shareWatch.want();
            replicaWatch.want();
        }
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
        return (fromShare ? ofShare : ofReplica).candidate().map(candidate -> {
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
                    .map(lineage -> lineage.foreignPaths(look.view()))
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

    /** What is held back on the share is seen through a mount all the same. */
    private boolean isServed(Optional<Digest> served, Optional<Digest> root) {
        return served.equals(root) || (served.isPresent() && served.equals(heldBackRoot));
    }

    /** Tells the listener when all reachable members serve what was last committed. */
    void watchSpreading(Optional<Digest> ownServed, List<PeerState> peers, Instant now) {
        if (spreading.isEmpty()) {
            return;
        }
        var root = Optional.of(spreading.get().root());
        boolean everywhere = isServed(ownServed, root)
                && peers.stream()
                        .filter(PeerState::isReachable)
                        .allMatch(peer -> isServed(peer.view().orElseThrow().servedRoot(), root));
        if (everywhere) {
            listener.propagated(Duration.between(spreading.get().since(), now));
            spreading = Optional.empty();
        }
    }
}
