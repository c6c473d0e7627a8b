package io.lockstep.agent.loop;

import io.lockstep.agent.loop.Candidates.Candidate;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Concern;
import io.lockstep.generation.Manifest;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.mode.ModeDecision;
import io.lockstep.mode.ModeInput;
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

    private final LoopSettings settings;
    private final Ledger ledger;
    private final Share share;
    private final LoopListener listener;
    private final Candidates candidates;
    private final HeldPlan heldPlan;
    private final ShareRegistrar registrar;
    private final Preparation preparation;
    private final HeldBackReport heldBack;
    private final Background<Change> writing;
    /** When the last write to the share ended. */
    private Instant wroteAt = Instant.MIN;

    private Instant workStartedAt = Instant.MIN;
    private Optional<Spreading> spreading = Optional.empty();
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
        candidates = new Candidates(settings, ledger, inspector);
        heldPlan = new HeldPlan(ledger, candidates, settings.shareKind().resolution());
        registrar = new ShareRegistrar(settings, ledger);
        preparation = new Preparation(share, inspector, listener, onShare, onReplica, wake);
        heldBack = new HeldBackReport(settings.guard());
        writing = new Background<>(onShare, wake);
    }

    List<Hold> holds() {
        return heldPlan.holds();
    }

    /** What keeps the reference's state for now, and why. */
    HeldBackReport heldBack() {
        return heldBack;
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

    /** See {@link HeldPlan#approve}. */
    boolean approve(String id, Instant now) {
        return heldPlan.approve(id, now);
    }

    /** See {@link ShareRegistrar}. */
    RegisterOutcome register(Optional<String> tree, ShareWatch shareWatch, Instant now) throws IOException {
        return registrar.register(tree, shareWatch, now);
    }

    /** Observes, decides, makes durable, acts. */
    void turn(ShareWatch shareWatch, ReplicaWatch replicaWatch, List<PeerState> peers, boolean stageIsBusy, Instant now)
            throws IOException {
        collect(shareWatch, replicaWatch, now);
        var reference = ledger.reference().orElse(Manifest.empty());
        candidates.look(shareWatch, replicaWatch, reference);
        var decided = ledger.decided();
        boolean fromShare = decided.mode() == Mode.SHARED || decided.mode() == Mode.HOLD;
        var authority = fromShare ? candidates.ofShare() : candidates.ofReplica();
        var input = new ModeInput(
                decided.mode(),
                shareClass(shareWatch, now),
                shareWatch.evidence().isWritable(),
                fromShare ? candidates.shareAsAuthority() : candidates.shareAsReturned(shareWatch, reference),
                candidates.ofShare().flatMap(Candidate::excess).isPresent(),
                shareWatch.isProvenFor(settings.returnAfter(), now),
                peers.stream().anyMatch(ManagerDuty::provesShare),
                isMajority(shareWatch, peers),
                candidates.replica(replicaWatch, reference),
                ledger.reference().isPresent(),
                heldPlan.isApproved(authority, now));
        act(ModeMachine.decide(input), shareWatch, replicaWatch, reference, stageIsBusy, now);
        // What a new look shows is told once it has been looked into, so that it does not come and go with each look.
        if (!preparation.isBusy()) {
            heldBack.update(authority);
        }
        candidates.wantLooks(fromShare, shareWatch, replicaWatch);
    }

    private ModeInput.Share shareClass(ShareWatch shareWatch, Instant now) {
        if (!settings.hasShare()) {
            return ModeInput.Share.NOT_CONFIGURED;
        }
        var evidence = shareWatch.evidence();
        return switch (evidence.state()) {
            case PROVEN -> ModeInput.Share.PROVEN;
            case UNKNOWN -> ModeInput.Share.UNKNOWN;
            // It becomes lost, or proven again, by the evidence alone.
            case SUSPECT -> ModeInput.Share.SUSPECT;
            case LOST ->
                Duration.between(evidence.since(), now).compareTo(settings.lossTimeout()) >= 0
                        ? ModeInput.Share.LOST
                        : ModeInput.Share.SUSPECT;
        };
    }

    private static boolean provesShare(PeerState peer) {
        return peer.isReachable() && peer.view().orElseThrow().provesShare();
    }

    private static boolean isMajority(ShareWatch shareWatch, List<PeerState> peers) {
        long reachable = 1 + peers.stream().filter(PeerState::isReachable).count();
        long proving = peers.stream().filter(ManagerDuty::provesShare).count();
        return shareWatch.evidence().isProven() && 2 * (proving + 1) > reachable;
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
        // Which share it is comes before the first generation that is taken from it.
        registrar.turn(shareWatch, now);
        heldPlan.update(decision.hold(), shareWatch, reference, now);
        switch (decision.commit()) {
            case SHARE -> commitPrepared(candidates.ofShare().orElseThrow(), replicaWatch, stageIsBusy, now);
            case REPLICA -> commitPrepared(candidates.ofReplica().orElseThrow(), replicaWatch, stageIsBusy, now);
            case NOTHING -> {
                preparation.forget();
                ledger.reference().ifPresent(committed -> preparation.survey(committed, now));
            }
        }
        if (decision.writeShare() && !writing.isRunning()) {
            var look = shareWatch.newer().orElseThrow();
            // What was written since that look is not in it: writing the same again would change nothing.
            if (look.at().isAfter(wroteAt)) {
                workStartedAt = now;
                writing.start(() -> share.write(reference, look.view()));
            }
        }
    }

    private void commitPrepared(Candidate candidate, ReplicaWatch replicaWatch, boolean stageIsBusy, Instant now)
            throws IOException {
        var next = candidate.next().manifest();
        if (!candidate.isSettled()) {
            // An approval may come before what it approves has settled.
            return;
        }
        if (preparation.isReady(next)) {
            commit(candidate, now);
            preparation.forget();
        } else if (!stageIsBusy) {
            var have = replicaWatch.newer().map(look -> look.view().manifest()).orElse(Manifest.empty());
            preparation.start(candidate.reference(), next, candidate.origin(), have, now);
        }
    }

    private void commit(Candidate candidate, Instant now) throws IOException {
        var generation = ledger.commit(candidate.next().manifest(), now);
        spreading = Optional.of(new Spreading(generation.root(), candidate.seenAt()));
        heldPlan.forgetApproval();
        LOG.info(
                "committed generation={} root={} entries={}",
                generation.id(),
                generation.root().abbreviated(),
                candidate.next().manifest().size());
    }

    private void collect(ShareWatch shareWatch, ReplicaWatch replicaWatch, Instant now) {
        preparation.turn(now).ifPresent(found -> candidates.refuse(found.origin(), found.refused()));
        if (preparation.takeWantsLook()) {
            shareWatch.want();
            replicaWatch.want();
        }
        writing.collect().ifPresent(change -> {
            listener.changed(LoopListener.Place.SHARE, change, Duration.between(workStartedAt, now));
            // A problem that stays is told once.
            if (change.written() + change.trashed() > 0 || !change.problem().equals(problem)) {
                LOG.info(
                        "share brought up written={} trashed={} problem=\"{}\"",
                        change.written(),
                        change.trashed(),
                        change.problem().orElse(""));
            }
            problem = change.problem();
            wroteAt = now;
            shareWatch.want();
        });
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

    /** What is held back on the share is seen through a mount all the same. */
    private boolean isServed(Optional<Digest> served, Optional<Digest> root) {
        return served.equals(root) || (served.isPresent() && served.equals(heldBack.root()));
    }
}
