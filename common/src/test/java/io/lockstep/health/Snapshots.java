package io.lockstep.health;

import io.lockstep.cluster.DriftSummary;
import io.lockstep.cluster.MemberView;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import io.lockstep.health.AgentSnapshot.Look;
import io.lockstep.health.AgentSnapshot.PeerState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Builds snapshots that differ in a few things from a healthy worker's. Ages are in seconds before {@link #NOW}. */
final class Snapshots {
    static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    static final Generation REFERENCE =
            new Generation(new GenerationId(3, 1), Digest.of(new byte[] {1}), Optional.empty(), Digest.of(new byte[0]));

    private String name = "gw2";
    private Role role = Role.WORKER;
    private Mode mode = Mode.SHARED;
    private Reason modeReason = Reason.OK;
    private Instant beatAt = NOW;
    private Serving serving = Serving.MOUNT;
    private AgentSnapshot.LivePathState livePath = new AgentSnapshot.LivePathState(Optional.empty(), Optional.empty());
    private MountEvidence mount = evidence(MountEvidence.State.PROVEN, 0);
    private boolean isShareRemote;
    private Optional<Look> served = Optional.of(lookAt(2, REFERENCE.root()));
    private Optional<Generation> reference = Optional.of(REFERENCE);
    private Optional<Instant> behindSince = Optional.empty();
    private Optional<Instant> managerSeenAt = Optional.of(NOW);
    private DriftSummary drift = DriftSummary.NONE;
    private MountEvidence.State peerMount = MountEvidence.State.PROVEN;
    private Optional<GenerationId> applied = Optional.empty();
    private Optional<Digest> appliedRoot = Optional.of(REFERENCE.root());
    private boolean logDiverged;
    private final TreeMap<String, PeerState> peers = new TreeMap<>();

    Snapshots named(String nodeName) {
        name = nodeName;
        return this;
    }

    Snapshots role(Role next) {
        role = next;
        return this;
    }

    Snapshots mode(Mode next, Reason why) {
        mode = next;
        modeReason = why;
        return this;
    }

    Snapshots beatAge(long seconds) {
        beatAt = NOW.minusSeconds(seconds);
        return this;
    }

    Snapshots livePathProblem(String problem) {
        livePath = new AgentSnapshot.LivePathState(Optional.empty(), Optional.of(problem));
        return this;
    }

    Snapshots serving(Serving next) {
        serving = next;
        return this;
    }

    Snapshots mount(MountEvidence.State state) {
        return mount(state, 0);
    }

    Snapshots mount(MountEvidence.State state, long ageSeconds) {
        mount = evidence(state, ageSeconds);
        return this;
    }

    Snapshots mount(MountEvidence.State state, Reason reason) {
        mount = new MountEvidence(state, reason, "seen", NOW, NOW);
        return this;
    }

    /** The peers that are added from now on have this evidence of their share. */
    Snapshots peersMount(MountEvidence.State state) {
        peerMount = state;
        return this;
    }

    /** The replica is still at an earlier generation. */
    Snapshots appliedEarlier() {
        applied = Optional.of(new GenerationId(1, 1));
        return this;
    }

    Snapshots applied(Digest root) {
        appliedRoot = Optional.of(root);
        return this;
    }

    Snapshots logDiverged() {
        logDiverged = true;
        return this;
    }

    Snapshots look(long ageSeconds, Digest root) {
        served = Optional.of(lookAt(ageSeconds, root));
        return this;
    }

    Snapshots noLook() {
        served = Optional.empty();
        return this;
    }

    Snapshots noReference() {
        reference = Optional.empty();
        return this;
    }

    Snapshots behindFor(long seconds) {
        behindSince = Optional.of(NOW.minusSeconds(seconds));
        return this;
    }

    Snapshots managerSeen(long ageSeconds) {
        managerSeenAt = Optional.of(NOW.minusSeconds(ageSeconds));
        return this;
    }

    Snapshots managerNeverSeen() {
        managerSeenAt = Optional.empty();
        return this;
    }

    Snapshots shareIsRemote() {
        isShareRemote = true;
        return this;
    }

    Snapshots drift(DriftSummary next) {
        drift = next;
        return this;
    }

    Snapshots peers(String... names) {
        for (var peer : names) {
            peerFault(peer, Reason.OK, REFERENCE.root());
        }
        return this;
    }

    Snapshots peerFault(String peer, Reason fault, @Nullable Digest servedRoot) {
        var view = new MemberView(
                new NodeName(peer),
                Role.WORKER,
                Mode.SHARED,
                3,
                1,
                Optional.of(REFERENCE.id()),
                Optional.of(REFERENCE.id()),
                Optional.ofNullable(servedRoot),
                Optional.of(REFERENCE.root()),
                Serving.MOUNT,
                peerMount,
                peerMount == MountEvidence.State.PROVEN ? Reason.OK : Reason.SHARE_MISSING,
                Optional.empty(),
                fault,
                DriftSummary.NONE,
                0,
                0,
                0,
                "test");
        peers.put(peer, new PeerState(view.name(), Optional.of(view), Optional.of(NOW), Optional.empty()));
        return this;
    }

    Snapshots unreachable(String peer) {
        peers.computeIfPresent(
                peer,
                (key, state) -> new PeerState(state.name(), state.view(), state.heardAt(), Optional.of("refused")));
        return this;
    }

    AgentSnapshot make() {
        return new AgentSnapshot(
                NOW.minusSeconds(100),
                beatAt,
                new NodeName(name),
                role,
                new NodeName("gw1"),
                mode,
                modeReason,
                3,
                1,
                reference,
                applied.or(() -> reference.map(Generation::id)),
                appliedRoot,
                serving,
                livePath,
                mount,
                isShareRemote,
                Optional.empty(),
                Map.of(),
                served,
                Optional.of(REFERENCE.root()),
                behindSince,
                drift,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                0,
                StoreState.EMPTY,
                logDiverged,
                Optional.empty(),
                managerSeenAt,
                new ArrayList<>(peers.values()),
                "test");
    }

    private static Look lookAt(long ageSeconds, Digest root) {
        return new Look(root, NOW.minusSeconds(ageSeconds), 10, Duration.ofMillis(5));
    }

    private static MountEvidence evidence(MountEvidence.State state, long ageSeconds) {
        var reason = state == MountEvidence.State.PROVEN ? Reason.OK : Reason.SHARE_MISSING;
        var at = NOW.minusSeconds(ageSeconds);
        return new MountEvidence(state, reason, "seen", at, at);
    }
}
