package io.lockstep.agent.loop;

import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.generation.Manifest;
import io.lockstep.health.AgentSnapshot;
import java.time.Instant;
import java.util.Optional;

/** Puts together what the control loop lets others see, from its parts. Only the control thread calls the methods. */
record LoopReport(
        LoopSettings settings,
        Instant startedAt,
        Ledger ledger,
        ShareWatch shareWatch,
        Replica replica,
        ReplicaWatch replicaWatch,
        ReplicaSync replicaSync,
        NodeDuty nodeDuty,
        ManagerDuty managerDuty,
        LogFollower follower,
        PeerTable peerTable) {

    /** The trees as they were last seen. */
    LoopViews views() {
        return new LoopViews(
                nodeDuty.serving(),
                ledger.decided().reference(),
                ledger.reference(),
                shareWatch.newer().map(LookHistory.Look::view),
                replicaWatch.newer().map(LookHistory.Look::view));
    }

    /**
     * Everything at this moment.
     *
     * @param problem why a decision could not be carried out; empty when all could
     * @param managerSeenAt when the manager last answered
     */
    AgentSnapshot snapshot(Optional<String> problem, Optional<Instant> managerSeenAt, Instant now) {
        var decided = ledger.decided();
        var serving = nodeDuty.serving();
        var drift = nodeDuty.drift();
        return new AgentSnapshot(
                startedAt,
                now,
                settings.node(),
                settings.isManager() ? Role.MANAGER : Role.WORKER,
                settings.manager(),
                decided.mode(),
                decided.modeReason(),
                decided.epoch(),
                decided.index(),
                decided.reference(),
                ledger.appliedId(),
                ledger.applied().map(Manifest::root),
                serving,
                nodeDuty.livePath(),
                evidence(now),
                settings.hasShare() && !settings.shareKind().isMounted(),
                shareWatch.beacon(),
                shareWatch.beaconLags(now),
                nodeDuty.servedLook().map(LoopReport::look),
                replicaWatch.newer().map(l -> l.view().manifest().root()),
                managerDuty.heldBack().root(),
                nodeDuty.behindSince(),
                drift.summary(),
                drift.paths(),
                managerDuty.heldBack().paths(),
                managerDuty.concerns(),
                serving == Serving.MOUNT ? shareWatch.reported() : replicaWatch.reported(),
                managerDuty.holds(),
                replica.conflicts(),
                replica.store(),
                follower.hasDiverged(),
                firstProblem(problem),
                managerSeenAt,
                peerTable.states(now),
                settings.version());
    }

    private MountEvidence evidence(Instant now) {
        return settings.hasShare()
                ? shareWatch.evidence()
                : new MountEvidence(MountEvidence.State.UNKNOWN, Reason.NO_SHARE, "no share is configured", now, now);
    }

    private static AgentSnapshot.Look look(LookHistory.Look look) {
        var manifest = look.view().manifest();
        return new AgentSnapshot.Look(manifest.root(), look.at(), manifest.fileCount(), look.took());
    }

    private Optional<String> firstProblem(Optional<String> problem) {
        return problem.or(() -> nodeDuty.livePath().problem())
                .or(replicaWatch::problem)
                .or(nodeDuty::contactProblem)
                .or(replicaSync::problem)
                .or(managerDuty::problem)
                .or(follower::problem);
    }
}
