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
import io.lockstep.wire.ConflictReport;
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
    private final Conflicts conflicts;
    private final Candidates candidates;
    private final HeldPlan heldPlan;
    private final ShareRegistrar registrar;
    private final Commits commits;
    private final ShareStaging fromShare;
    private final ShareWriter toShare;
    private final ShareMerge merge;
    private final MergePreparation merging;
    private final Targets targets;
    private List<EntryPath> heldBack = List.of();

    ManagerDuty(
            LoopSettings settings,
            Ledger ledger,
            Share share,
            Conflicts conflicts,
            LoopListener listener,
            Executor onShare,
            Executor onReplica,
            Executor onPeers,
            Runnable wake) {
        this.settings = settings;
        this.ledger = ledger;
        this.conflicts = conflicts;
        candidates = new Candidates(settings, ledger);
        heldPlan = new HeldPlan(ledger, candidates);
        registrar = new ShareRegistrar(settings, ledger);
        commits = new Commits(settings, ledger, heldPlan, listener);
        fromShare = new ShareStaging(share, commits, listener, onShare, wake);
        toShare = new ShareWriter(share, listener, onShare, wake);
        merge = new ShareMerge(settings, ledger);
        merging = new MergePreparation(share, conflicts, commits, listener, onShare, onReplica, wake);
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
        return fromShare.problem().or(toShare::problem).or(merging::problem);
    }

    /** Whether the stage holds, or is about to hold, content of a generation that is not committed yet. */
    boolean needsStage() {
        return fromShare.isBusy() || merging.isBusy() || targets.isBusy();
    }

    /** Makes what an operator ordered the next generation, though no tree shows it: see {@link Targets}. */
    CompletableFuture<TargetOutcome> order(Target target) {
        return targets.order(target);
    }

    /** Makes the content of a conflict live: see {@link ConflictTaking}. */
    CompletableFuture<TargetOutcome> take(ConflictReport.Conflict conflict) {
        return ConflictTaking.target(conflict, ledger, conflicts)
                .map(targets::order)
                .orElseGet(() -> CompletableFuture.completedFuture(ConflictTaking.REFUSED));
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
        merging.collect(shareWatch, now);
        targets.turn(shareWatch.evidence(), stageIsBusy || fromShare.isBusy() || merging.isBusy(), now);
        var reference = ledger.reference().orElse(Manifest.empty());
        candidates.look(shareWatch, replicaWatch, reference);
        boolean isShareAuthority = isShareAuthority();
        if (isShareAuthority) {
            merge.forget();
            merging.forgetAll();
        } else {
            merge.look(shareWatch, reference);
        }
        var authority = isShareAuthority ? candidates.ofShare() : candidates.ofReplicaAsAuthority();
        heldBack = authority.map(c -> c.next().heldBack()).orElse(List.of());
        var replica = candidates.replica(replicaWatch, reference);
        var merged = isShareAuthority || replica == ModeInput.Replica.EXCESSIVE
                ? Optional.<ShareMerge.Plan>empty()
                : merge.plan();
        var input = new ModeInput(
                ledger.decided().mode(),
                shareClass(shareWatch, now),
                shareWatch.evidence().isWritable(),
                isShareAuthority ? candidates.shareAsAuthority() : shareAsReturned(),
                merge.isMergeable(),
                isShareAuthority
                        ? candidates.ofShare().flatMap(Candidate::excess).isPresent()
                        : merge.isExcessive(),
                shareWatch.isProvenFor(settings.returnAfter(), now),
                peers.stream().anyMatch(ManagerDuty::provesShare),
                isMajority(shareWatch, peers),
                replica,
                ledger.reference().isPresent(),
                merged.map(plan -> heldPlan.isApproved(plan.merge().merged(), now))
                        .orElseGet(() -> heldPlan.isApproved(authority, now)));
        act(ModeMachine.decide(input), input, shareWatch, replicaWatch, reference, stageIsBusy, now);
    }

    private boolean isShareAuthority() {
        var mode = ledger.decided().mode();
        return mode == Mode.SHARED || mode == Mode.HOLD;
    }

    /** What others wrote to the share, and is live or kept here, is nothing that a write would lose. */
    private ModeInput.Relation shareAsReturned() {
        return merge.plan().filter(merging::isDone).isPresent() ? ModeInput.Relation.LINEAGE : merge.relation();
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
            ModeInput input,
            ShareWatch shareWatch,
            ReplicaWatch replicaWatch,
            Manifest reference,
            boolean stageIsBusy,
            Instant now)
            throws IOException {
        commits.enter(decision.mode(), decision.reason(), now);
        // Which share it is comes before the first generation that is taken from it.
        registrar.turn(shareWatch, now);
        boolean isOwnPlan = isShareAuthority() || input.replica() == ModeInput.Replica.EXCESSIVE;
        heldPlan.update(decision.hold(), isOwnPlan ? Optional.empty() : merge.obstacle(), reference, now);
        boolean isFree = !stageIsBusy && !targets.isBusy();
        if (decision.commit() != ModeDecision.Commit.SHARE) {
            fromShare.forget();
        }
        if (decision.commit() != ModeDecision.Commit.MERGE) {
            merging.forget();
        }
        switch (decision.commit()) {
            case SHARE -> fromShare.commit(candidates.ofShare().orElseThrow(), replicaWatch, !isFree, now);
            case REPLICA -> {
                var candidate = candidates.ofReplica().orElseThrow();
                commits.commitReplica(candidate.next().manifest(), candidate.seenAt(), now);
            }
            case MERGE -> {
                var id = ledger.decided().reference().orElseThrow().id();
                merging.commit(merge.plan().orElseThrow(), id, isFree && !fromShare.isBusy(), now);
            }
            case NOTHING -> {}
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
