package io.lockstep.agent.loop;

import io.lockstep.agent.loop.Candidates.Candidate;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.Mode;
import io.lockstep.digest.Digest;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * What only the manager does: it classifies what it sees, asks {@link ModeMachine}, and makes the decision durable
 * before it acts. Content is staged before the generation that names it is committed, so that a committed generation
 * can always be completed.
 */
final class ManagerDuty {
    private final LoopSettings settings;
    private final Ledger ledger;
    private final Candidates candidates;
    private final HeldPlan heldPlan;
    private final ShareRegistrar registrar;
    private final Commits commits;
    private final ShareStaging fromShare;
    private final ShareWriter toShare;
    private final Targets targets;
    private List<EntryPath> heldBack = List.of();

    ManagerDuty(
            LoopSettings settings,
            Ledger ledger,
            Share share,
            LoopListener listener,
            Executor onShare,
            Executor onPeers,
            Runnable wake) {
        this.settings = settings;
        this.ledger = ledger;
        candidates = new Candidates(settings, ledger);
        heldPlan = new HeldPlan(ledger, candidates, settings.shareKind().resolution());
        registrar = new ShareRegistrar(settings, ledger);
        commits = new Commits(settings, ledger, heldPlan, listener);
        fromShare = new ShareStaging(share, commits, listener, onShare, wake);
        toShare = new ShareWriter(share, listener, onShare, wake);
        targets = new Targets(settings, ledger, commits, onPeers, wake);
    }

    List<Hold> holds() {
        return heldPlan.holds();
    }

    /** The paths that keep the reference's state for now, because they did not settle or can't be told. */
    List<EntryPath> heldBack() {
        return heldBack;
    }

    /** Why the last step did not come to its end; empty when it did. */
    Optional<String> problem() {
        return fromShare.problem().or(toShare::problem);
    }

    /** Whether the stage holds, or is about to hold, content of a generation that is not committed yet. */
    boolean needsStage() {
        return fromShare.isBusy() || targets.isBusy();
    }

    /** Makes what an operator ordered the next generation, though no tree shows it: see {@link Targets}. */
    CompletableFuture<TargetOutcome> order(Target target) {
        return targets.order(target);
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
        fromShare.collect(shareWatch, now);
        toShare.collect(shareWatch, now);
        targets.turn(shareWatch.evidence(), stageIsBusy || fromShare.isBusy(), now);
        var reference = ledger.reference().orElse(Manifest.empty());
        candidates.look(shareWatch, replicaWatch, reference);
        var decided = ledger.decided();
        boolean isShareAuthority = decided.mode() == Mode.SHARED || decided.mode() == Mode.HOLD;
        var authority = isShareAuthority ? candidates.ofShare() : candidates.ofReplicaAsAuthority();
        heldBack = authority.map(c -> c.next().heldBack()).orElse(List.of());
        var input = new ModeInput(
                decided.mode(),
                shareClass(shareWatch, now),
                shareWatch.evidence().isWritable(),
                isShareAuthority ? candidates.shareAsAuthority() : candidates.shareAsReturned(shareWatch, reference),
                candidates.ofShare().flatMap(Candidate::excess).isPresent(),
                shareWatch.isProvenFor(settings.returnAfter(), now),
                peers.stream().anyMatch(ManagerDuty::provesShare),
                isMajority(shareWatch, peers),
                candidates.replica(replicaWatch, reference),
                ledger.reference().isPresent(),
                heldPlan.isApproved(authority, now));
        act(ModeMachine.decide(input), shareWatch, replicaWatch, reference, stageIsBusy || targets.isBusy(), now);
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
        commits.enter(decision.mode(), decision.reason(), now);
        // Which share it is comes before the first generation that is taken from it.
        registrar.turn(shareWatch, now);
        heldPlan.update(decision.hold(), shareWatch, reference, now);
        switch (decision.commit()) {
            case SHARE -> fromShare.commit(candidates.ofShare().orElseThrow(), replicaWatch, stageIsBusy, now);
            case REPLICA -> {
                var candidate = candidates.ofReplica().orElseThrow();
                commits.commitReplica(candidate.next().manifest(), candidate.seenAt(), now);
            }
            case NOTHING -> fromShare.forget();
        }
        if (decision.writeShare()) {
            toShare.write(reference, shareWatch, now);
        }
    }

    /** See {@link Commits#watchSpreading}. */
    void watchSpreading(Optional<Digest> ownServed, List<PeerState> peers, Instant now) {
        commits.watchSpreading(ownServed, peers, now);
    }
}
