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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    private final Preparation preparation;
    private final HeldBackReport heldBack;
    private final ShareWriter toShare;
    private final ShareMerge merge;
    private final MergePreparation merging;
    private final Targets targets;
    private final ContactWatch contact;
    private final OperatorOrders orders;

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
        orders = new OperatorOrders(ledger, conflicts, heldPlan, commits, targets);
    }

    List<Hold> holds() {
        var holds = new ArrayList<>(orders.holds());
        contact.hold().ifPresent(holds::add);
        return holds;
    }

    /** What operators may ask for. */
    OperatorOrders orders() {
        return orders;
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
        orders.turn(now);
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
                ShareStanding.of(settings, shareWatch.evidence(), now),
                shareWatch.evidence().isWritable(),
                isShareAuthority ? shareAsAuthority() : shareAsReturned(),
                merge.isMergeable(),
                isShareAuthority
                        ? candidates.ofShare().flatMap(Candidate::excess).isPresent()
                        : merge.isExcessive(),
                shareWatch.isProvenFor(settings.returnAfter(), now),
                peers.stream().anyMatch(ShareStanding::isProvenBy),
                ShareStanding.isProvenByMost(shareWatch.evidence(), peers),
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
