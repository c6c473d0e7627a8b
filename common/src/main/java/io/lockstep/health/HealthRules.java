package io.lockstep.health;

import io.lockstep.cluster.MemberView;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.health.HealthAnswer.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;

/** Derives the answers of the health endpoints from a snapshot: pure functions of the snapshot, the limits and now. */
public final class HealthRules {
    /** Without the problem itself: it names paths, and anybody may ask. */
    private static final String STUCK =
            "the live path could not be led to the other side (lockstep status says why), so the Gateway reads on";

    private HealthRules() {}

    /** {@code /live}: the control loop turns. */
    public static HealthAnswer live(AgentSnapshot snapshot, HealthLimits limits, Instant now) {
        boolean beats = isBeating(snapshot, limits, now);
        var age = Duration.between(snapshot.beatAt(), now);
        return answer(
                snapshot,
                beats,
                beats ? State.OK : State.STALE,
                beats ? Reason.OK : Reason.STALE,
                snapshot.beatAt(),
                seconds(age));
    }

    /** {@code /ready}: this node serves the reference within the lag, or stays in rotation for the others' sake. */
    public static HealthAnswer ready(AgentSnapshot snapshot, HealthLimits limits, Instant now) {
        var fault = fault(snapshot, limits, now);
        if (fault == Reason.OK) {
            return answer(snapshot, true, State.OK, notice(snapshot, limits, now), now);
        }
        if (fault == Reason.STARTING) {
            return answer(snapshot, false, State.STARTING, fault, now);
        }
        if (fault == Reason.STALE) {
            return answer(snapshot, false, State.STALE, fault, now);
        }
        if (fault == Reason.SHARE_LOST) {
            // The operator asked for it, so the limit for one cause does not count.
            return answer(snapshot, false, State.UNAVAILABLE, fault, now);
        }
        if (fault == Reason.BEHIND && servesLastVerified(snapshot) && isTotalOutage(snapshot)) {
            return answer(snapshot, true, State.KEPT, Reason.SHARE_LOST, now);
        }
        // A node that never looked knows nothing that would let it stay: unknown is never OK.
        var answer = snapshot.served().isEmpty() || mayLeaveRotation(snapshot, fault)
                ? answer(snapshot, false, State.UNAVAILABLE, fault, now)
                : answer(snapshot, true, State.KEPT, Reason.ROTATION_LIMIT, now);
        return snapshot.livePath().problem().isPresent() ? answer.withMore(STUCK) : answer;
    }

    /** Whether every node that is reached has lost the share, and the cluster's mode follows from that. */
    private static boolean isTotalOutage(AgentSnapshot snapshot) {
        boolean hasFallenBack = snapshot.mode() == Mode.RSYNC || snapshot.mode() == Mode.HOLD;
        return hasFallenBack
                && snapshot.mount().state() == MountEvidence.State.LOST
                && snapshot.peers().stream()
                        .filter(AgentSnapshot.PeerState::isReachable)
                        .flatMap(peer -> peer.view().stream())
                        .noneMatch(MemberView::provesShare);
    }

    private static boolean servesLastVerified(AgentSnapshot snapshot) {
        var served = snapshot.served().map(AgentSnapshot.Look::root);
        return snapshot.serving() == Serving.REPLICA && served.isPresent() && served.equals(snapshot.appliedRoot());
    }

    /** {@code /manager}: this node is the manager, and publishing may be routed here. */
    public static HealthAnswer manager(AgentSnapshot snapshot, HealthLimits limits, Instant now) {
        return role(snapshot, Role.MANAGER, limits, now);
    }

    /** {@code /worker}: this node follows a manager. */
    public static HealthAnswer worker(AgentSnapshot snapshot, HealthLimits limits, Instant now) {
        return role(snapshot, Role.WORKER, limits, now);
    }

    /** {@code /mount}: the share is proven here; the reason says so when it can be read only. */
    public static HealthAnswer mount(AgentSnapshot snapshot, HealthLimits limits, Instant now) {
        var mount = snapshot.mount();
        var age = Duration.between(mount.observedAt(), now);
        if (!isBeating(snapshot, limits, now) || age.compareTo(limits.staleAfter()) > 0) {
            return answer(snapshot, false, State.STALE, Reason.STALE, mount.observedAt(), seconds(age));
        }
        return answer(
                snapshot,
                mount.isProven(),
                mount.isProven() ? State.OK : State.NO,
                mount.reason(),
                mount.observedAt(),
                seconds(age));
    }

    /** {@code /writable}: what a Gateway writes here now reaches all nodes. */
    public static HealthAnswer writable(AgentSnapshot snapshot, HealthLimits limits, Instant now) {
        var fault = fault(snapshot, limits, now);
        if (fault == Reason.STALE || fault == Reason.STARTING) {
            return answer(snapshot, false, fault == Reason.STALE ? State.STALE : State.STARTING, fault, now);
        }
        boolean byMount = snapshot.mode() == Mode.SHARED
                && snapshot.serving() == Serving.MOUNT
                && snapshot.mount().isWritable();
        boolean byReplica = snapshot.mode() == Mode.RSYNC
                && snapshot.serving() == Serving.REPLICA
                && snapshot.role() == Role.MANAGER
                && !isBehind(snapshot);
        if (byMount || byReplica) {
            return answer(snapshot, true, State.OK, Reason.OK, now);
        }
        return answer(snapshot, false, State.NO, whyNotWritable(snapshot), now);
    }

    /** Whether the manager's replica is on its way to a generation from elsewhere, and no authority before it is there. */
    private static boolean isBehind(AgentSnapshot snapshot) {
        return !snapshot.applied().equals(snapshot.reference().map(Generation::id));
    }

    private static Reason whyNotWritable(AgentSnapshot snapshot) {
        if (snapshot.mode() == Mode.RSYNC && snapshot.role() == Role.MANAGER && isBehind(snapshot)) {
            return Reason.BEHIND;
        }
        var why = snapshot.mode() == Mode.SHARED ? snapshot.mount().reason() : snapshot.modeReason();
        if (snapshot.isShareRemote() && snapshot.mode() == Mode.SHARED) {
            return Reason.SHARE_REMOTE;
        }
        if (why != Reason.OK) {
            return why;
        }
        return snapshot.serving() == Serving.REPLICA ? Reason.SHARE_BACK_TOO_SHORT : Reason.NOT_SERVING;
    }

    /**
     * Why the node wants out of rotation, whatever the others do; {@link Reason#OK} when it serves the reference on
     * fresh evidence.
     */
    public static Reason fault(AgentSnapshot snapshot, HealthLimits limits, Instant now) {
        if (!isBeating(snapshot, limits, now)) {
            return Reason.STALE;
        }
        if (snapshot.serving() == Serving.ELSEWHERE) {
            return Reason.NOT_SERVING;
        }
        if (snapshot.serving() == Serving.REPLICA
                && snapshot.served().isEmpty()
                && snapshot.replicaProblem().isPresent()) {
            return Reason.REPLICA_BROKEN;
        }
        var age = snapshot.evidenceAge(now);
        if (age.isEmpty()) {
            return snapshot.mount().state() == MountEvidence.State.LOST
                    ? snapshot.mount().reason()
                    : Reason.STARTING;
        }
        if (snapshot.reference().isEmpty()) {
            return Reason.NO_GENERATION;
        }
        if (limits.onTotalOutage() == TotalOutage.DRAIN && isTotalOutage(snapshot)) {
            return Reason.SHARE_LOST;
        }
        if (snapshot.serving() == Serving.ABSENT) {
            return Reason.NOT_SERVING;
        }
        if (snapshot.serving() == Serving.MOUNT && snapshot.mount().state() == MountEvidence.State.LOST) {
            return snapshot.mount().reason();
        }
        if (age.get().compareTo(limits.staleAfter()) > 0) {
            return Reason.STALE;
        }
        if (snapshot.drift().unknown() > 0) {
            return Reason.UNKNOWN_ENTRIES;
        }
        if (isReferenceOutdated(snapshot, limits, now)) {
            return Reason.OK;
        }
        if (snapshot.drift().total() > 0) {
            return Reason.DRIFT;
        }
        return snapshot.lag(now).compareTo(limits.readyLag()) > 0 ? Reason.BEHIND : Reason.OK;
    }

    /**
     * Whether a worker's mount may rightly show more than the reference: with its manager silent nothing new is
     * committed, so a publication on the share is no fault of the nodes that see it. The drift is counted all the same.
     */
    private static boolean isReferenceOutdated(AgentSnapshot snapshot, HealthLimits limits, Instant now) {
        return snapshot.role() == Role.WORKER
                && snapshot.mode() == Mode.SHARED
                && snapshot.serving() == Serving.MOUNT
                && isManagerSilent(snapshot, limits.loopBeat(), now);
    }

    private static boolean isManagerSilent(AgentSnapshot snapshot, Duration patience, Instant now) {
        return snapshot.managerSeenAt()
                .map(at -> Duration.between(at, now).compareTo(patience) > 0)
                .orElse(true);
    }

    /** What the node tells the other members of itself. */
    public static MemberView memberView(AgentSnapshot snapshot, HealthLimits limits, Instant now) {
        return new MemberView(
                snapshot.node(),
                snapshot.role(),
                snapshot.mode(),
                snapshot.epoch(),
                snapshot.logIndex(),
                snapshot.reference().map(Generation::id),
                snapshot.applied(),
                snapshot.served().map(AgentSnapshot.Look::root),
                snapshot.replicaRoot(),
                snapshot.serving(),
                snapshot.mount().state(),
                snapshot.mount().reason(),
                snapshot.beacon(),
                fault(snapshot, limits, now),
                snapshot.drift(),
                seconds(snapshot.lag(now)),
                snapshot.evidenceAge(now).map(HealthRules::seconds).orElse(-1.0),
                snapshot.conflicts(),
                snapshot.version());
    }

    /** What a node that serves the reference should tell all the same. */
    private static Reason notice(AgentSnapshot snapshot, HealthLimits limits, Instant now) {
        if (snapshot.logDiverged()) {
            return Reason.LOG_DIVERGED;
        }
        if (snapshot.role() == Role.WORKER && isManagerSilent(snapshot, limits.loopBeat(), now)) {
            return Reason.MANAGER_UNREACHABLE;
        }
        if (isTotalOutage(snapshot)) {
            return Reason.SHARE_LOST;
        }
        return snapshot.mode() == Mode.SHARED && snapshot.serving() == Serving.MOUNT
                ? Reason.OK
                : snapshot.mode() == Mode.SHARED ? snapshot.mount().reason() : snapshot.modeReason();
    }

    private static HealthAnswer role(AgentSnapshot snapshot, Role role, HealthLimits limits, Instant now) {
        var fault = fault(snapshot, limits, now);
        if (fault == Reason.STALE || fault == Reason.STARTING) {
            return answer(snapshot, false, fault == Reason.STALE ? State.STALE : State.STARTING, fault, now);
        }
        boolean is = snapshot.role() == role;
        return answer(snapshot, is, is ? State.OK : State.NO, Reason.OK, now);
    }

    /**
     * Whether this node may leave the rotation for {@code fault}: of the members that have the same fault over the same
     * content, at most half of all leave, the first by name. All nodes decide it alike from what they tell each other.
     */
    private static boolean mayLeaveRotation(AgentSnapshot snapshot, Reason fault) {
        var affected = new ArrayList<NodeName>();
        affected.add(snapshot.node());
        var served = snapshot.served().map(AgentSnapshot.Look::root);
        for (var peer : snapshot.peers()) {
            peer.view()
                    .filter(view -> peer.isReachable() && hasSameCause(view, fault, served))
                    .ifPresent(view -> affected.add(view.name()));
        }
        affected.sort(null);
        int members = snapshot.peers().size() + 1;
        return affected.indexOf(snapshot.node()) < members / 2;
    }

    private static boolean hasSameCause(MemberView view, Reason fault, Optional<Digest> served) {
        return view.fault() == fault && view.servedRoot().equals(served);
    }

    private static boolean isBeating(AgentSnapshot snapshot, HealthLimits limits, Instant now) {
        return Duration.between(snapshot.beatAt(), now).compareTo(limits.loopBeat()) <= 0;
    }

    private static HealthAnswer answer(AgentSnapshot snapshot, boolean ok, State state, Reason reason, Instant now) {
        double age = snapshot.evidenceAge(now).map(HealthRules::seconds).orElse(-1.0);
        var at = snapshot.served().map(AgentSnapshot.Look::at).orElse(snapshot.startedAt());
        return answer(snapshot, ok, state, reason, at, age);
    }

    private static HealthAnswer answer(
            AgentSnapshot snapshot, boolean ok, State state, Reason reason, Instant observedAt, double ageSeconds) {
        return new HealthAnswer(
                ok,
                state,
                reason,
                reason.remedy(),
                observedAt,
                ageSeconds,
                snapshot.mode(),
                snapshot.epoch(),
                snapshot.reference().map(Generation::id),
                snapshot.served().map(AgentSnapshot.Look::root));
    }

    private static double seconds(Duration duration) {
        return Math.max(0, duration.toMillis() / 1000.0);
    }
}
