package io.lockstep.agent.loop;

import io.lockstep.agent.loop.Candidates.Candidate;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Concern;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.mode.ModeDecision;
import io.lockstep.mode.ModeInput;
import io.lockstep.mode.ModeMachine;
import io.lockstep.wire.ConflictReport;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
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
    private final Conflicts conflicts;
    private final Candidates candidates;
    private final HeldPlan heldPlan;
    private final ShareRegistrar registrar;
    private final Commits commits;
    private final Preparation preparation;
    private final HeldBackReport heldBack;
    private final ShareWriter toShare;
    private final ShareMerge merge;
    private final MergePreparation merging;
    private final Targets targets;
    private final ContactWatch contact;
    private final HeldOrders heldOrders = new HeldOrders();

    ManagerDuty(
            LoopSettings settings,
            Ledger ledger,
            Share share,
            Conflicts conflicts,
            Inspector inspector,
            ContactWatch contact,
            LoopListener listener,
            Executor onShare,
            Executor onReplica,
            Executor onPeers,
            Runnable wake) {
        this.settings = settings;
        this.ledger = ledger;
        this.conflicts = conflicts;
        this.contact = contact;
        candidates = new Candidates(settings, ledger, inspector);
        heldPlan = new HeldPlan(ledger, candidates);
        registrar = new ShareRegistrar(settings, ledger);
        commits = new Commits(settings, ledger, heldPlan, listener);
        preparation = new Preparation(share, inspector, listener, onShare, onReplica, wake);
        heldBack = new HeldBackReport(settings.guard());
        toShare = new ShareWriter(share, listener, onShare, wake);
        merge = new ShareMerge(settings, ledger);
        merging = new MergePreparation(share, conflicts, inspector, commits, listener, onShare, onReplica, wake);
        targets = new Targets(settings, ledger, commits, onPeers, wake);
    }

    List<Hold> holds() {
        var holds = new ArrayList<>(heldPlan.holds());
        holds.addAll(heldOrders.holds());
        contact.hold().ifPresent(holds::add);
        return holds;
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
        return preparation.problem().or(toShare::problem).or(merging::problem);
    }

    /** Whether the stage holds, or is about to hold, content of a generation that is not committed yet. */
    boolean needsStage() {
        return preparation.needsStage() || merging.isBusy() || targets.isBusy();
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

    /** Has an order wait for an approval: see {@link HeldOrders}. */
    void hold(Hold hold, Target target) {
        heldOrders.add(hold, target);
    }

    /** Lets a plan that is held under {@code id} go on; false when there is none. See {@link HeldPlan#approve}. */
    boolean approve(String id, Instant now) {
        var order = heldOrders.take(id);
        if (order.isEmpty()) {
            return heldPlan.approve(id, now);
        }
        var unused = targets.order(order.get()).whenComplete(ManagerDuty::tell);
        return true;
    }

    /** Nobody waits for the outcome of an order that was approved later. */
    private static void tell(@Nullable TargetOutcome outcome, @Nullable Throwable failure) {
        if (!(outcome instanceof TargetOutcome.Committed)) {
            LOG.error("an approved order was not carried out: {}", outcome == null ? failure : outcome);
        }
    }

    /**
     * Puts back what the plan that is held under {@code id} would delete; false when no such plan can be rejected. On the
     * share the missing files are written again; the manager's replica is brought to the reference as a worker's is. What
     * a share that came back lacks is no deletion any more, and the merge goes on without.
     *
     * @throws IOException when the disk refuses
     */
    boolean reject(String id, Instant now) throws IOException {
        if (heldOrders.take(id).isPresent()) {
            return true;
        }
        if (!heldPlan.reject(id)) {
            return false;
        }
        if (heldPlan.isOfMerge()) {
            commits.putBack(now);
        } else if (ledger.decided().mode() != Mode.HOLD) {
            ledger.refuseReplica();
        }
        return true;
    }

    /** See {@link ShareRegistrar}. */
    RegisterOutcome register(Optional<String> tree, ShareWatch shareWatch, Instant now) throws IOException {
        return registrar.register(tree, shareWatch, now);
    }

    /** Observes, decides, makes durable, acts. */
    void turn(ShareWatch shareWatch, ReplicaWatch replicaWatch, List<PeerState> peers, boolean stageIsBusy, Instant now)
            throws IOException {
        preparation.turn(now).ifPresent(found -> candidates.refuse(found.origin(), found.refused()));
        if (preparation.takeWantsLook()) {
            shareWatch.want();
            replicaWatch.want();
        }
        toShare.collect(shareWatch, now);
        merging.collect(shareWatch, now);
        merge.refuse(merging.takeRefused());
        heldOrders.turn(ledger.decided().reference().map(Generation::root), now);
        targets.turn(shareWatch.evidence(), stageIsBusy || preparation.needsStage() || merging.isBusy(), now);
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
        var replica = candidates.replica(replicaWatch, reference);
        var merged = isShareAuthority || replica == ModeInput.Replica.EXCESSIVE
                ? Optional.<ShareMerge.Plan>empty()
                : merge.plan();
        var input = new ModeInput(
                ledger.decided().mode(),
                shareClass(shareWatch, now),
                shareWatch.evidence().isWritable(),
                isShareAuthority ? shareAsAuthority() : shareAsReturned(),
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
        // What a new look shows is told once it has been looked into, so that it does not come and go with each look.
        if (!preparation.isBusy()) {
            heldBack.update(authority);
        }
        candidates.wantLooks(isShareAuthority, shareWatch, replicaWatch);
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
        boolean goesOn = isOwnPlan && decision.hold().equals(Optional.of(Reason.DELETION_GUARD));
        if (decision.commit() != ModeDecision.Commit.MERGE) {
            merging.forget();
        }
        switch (decision.commit()) {
            case SHARE -> commitPrepared(candidates.ofShare().orElseThrow(), replicaWatch, isFree, now);
            case REPLICA -> commitPrepared(candidates.ofReplica().orElseThrow(), replicaWatch, isFree, now);
            case MERGE -> {
                preparation.forget();
                var id = ledger.decided().reference().orElseThrow().id();
                merging.commit(merge.plan().orElseThrow(), id, isFree && !preparation.needsStage(), now);
            }
            case NOTHING -> {
                if (goesOn) {
                    goOnWithoutDeletions(replicaWatch, isFree, now);
                } else {
                    preparation.forget();
                    ledger.reference().ifPresent(committed -> preparation.survey(committed, now));
                }
            }
        }
        if (decision.mode() == Mode.HOLD && heldPlan.isRejected() && canBeWritten(shareWatch)) {
            // What it lacks comes back; what others wrote meanwhile is left alone, and goes on as any change.
            toShare.write(ledger.reference().orElse(reference), shareWatch, now);
        }
        if (decision.writeShare()) {
            toShare.write(reference, shareWatch, now);
        }
    }

    private static boolean canBeWritten(ShareWatch shareWatch) {
        return shareWatch.evidence().isProven()
                && shareWatch.evidence().isWritable()
                && shareWatch.newer().isPresent();
    }

    /** Before the first generation the share is nothing that may be taken while nodes have other files. */
    private ModeInput.Relation shareAsAuthority() {
        return contact.mayCommitShare() ? candidates.shareAsAuthority() : ModeInput.Relation.UNTOLD;
    }

    private void commitPrepared(Candidate candidate, ReplicaWatch replicaWatch, boolean stageIsFree, Instant now)
            throws IOException {
        var next = candidate.next().manifest();
        if (!candidate.isSettled()) {
            // An approval may come before what it approves has settled.
            return;
        }
        if (preparation.isReady(next)) {
            if (candidate.origin() == Inspector.Origin.REPLICA) {
                commits.commitReplica(next, candidate.seenAt(), now);
            } else {
                commits.commit(next, candidate.seenAt(), now);
            }
            preparation.forget();
        } else if (stageIsFree) {
            var have = replicaWatch.newer().map(look -> look.view().manifest()).orElse(Manifest.empty());
            preparation.start(candidate.reference(), next, candidate.origin(), have, now);
        }
    }

    /** While deletions wait for an operator, everything else of the same tree and of others is published. */
    private void goOnWithoutDeletions(ReplicaWatch replicaWatch, boolean stageIsFree, Instant now) throws IOException {
        boolean isShareAuthority = ledger.decided().mode() == Mode.HOLD;
        var rest = (isShareAuthority ? candidates.ofShare() : candidates.ofReplicaAsAuthority())
                .map(Candidate::withoutDeletions)
                .filter(Candidate::isChange);
        if (rest.isEmpty()) {
            preparation.forget();
        } else {
            commitPrepared(rest.get(), replicaWatch, stageIsFree, now);
        }
    }

    /** See {@link Commits#watchSpreading}. */
    void watchSpreading(Optional<Digest> ownServed, List<PeerState> peers, Instant now) {
        commits.watchSpreading(ownServed, peers, heldBack.root(), now);
    }
}
