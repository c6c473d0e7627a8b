package io.lockstep.health;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.AnnouncedBeacon;
import io.lockstep.cluster.DriftSummary;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.MemberView;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Concern;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.HeldBack;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that the control loop lets others see, at one moment. Immutable; a new one replaces it after each turn of
 * the loop. All instants are of the node's own clock.
 *
 * @param beatAt when the loop last turned
 * @param modeReason why the mode is what it is
 * @param reference the generation that all nodes should serve
 * @param applied the last generation that the replica held completely
 * @param isShareRemote whether the share is no mount of this node: the Gateway then reads the replica in every mode
 * @param appliedRoot its root digest
 * @param beacon the last beacon that this node wrote to its share; empty while it has none
 * @param beaconLags for how long each member's announced beacon has not been seen on this node's mount; zero when it was
 * @param livePath what is to be known of the live paths besides where they lead
 * @param served the last look at what the Gateway reads
 * @param heldBackRoot see {@link MemberView#heldBackRoot()}
 * @param behindSince since when the node serves something else than the reference; empty when it serves it
 * @param drift confirmed by two looks a grace apart
 * @param driftPaths the paths of it, at most {@link Hold#MAX_PATHS}, sorted
 * @param heldBack paths of the authority that keep the reference's state, with why; only the manager knows any
 * @param concerns what people should know of published paths; only the manager looks for any
 * @param left paths that are left out of the tree and that people are told of, such as the Gateway's *.back files
 * @param managerSeenAt when the manager last answered; this node's own turn, if it is the manager
 * @param store what is to be known of the kept content
 * @param logDiverged whether the manager's decision log does not follow from this node's
 * @param replicaProblem why the replica could not be read or brought to the reference; empty when it could
 */
public record AgentSnapshot(
        Instant startedAt,
        Instant beatAt,
        NodeName node,
        Role role,
        NodeName manager,
        Mode mode,
        Reason modeReason,
        long epoch,
        long logIndex,
        Optional<Generation> reference,
        Optional<GenerationId> applied,
        Optional<Digest> appliedRoot,
        Serving serving,
        LivePathState livePath,
        MountEvidence mount,
        boolean isShareRemote,
        Optional<AnnouncedBeacon> beacon,
        Map<NodeName, Duration> beaconLags,
        Optional<Look> served,
        Optional<Digest> replicaRoot,
        Optional<Digest> heldBackRoot,
        Optional<Instant> behindSince,
        DriftSummary drift,
        List<EntryPath> driftPaths,
        List<HeldBack> heldBack,
        List<Concern> concerns,
        List<EntryPath> left,
        List<Hold> holds,
        int conflicts,
        StoreState store,
        boolean logDiverged,
        Optional<String> replicaProblem,
        Optional<Instant> managerSeenAt,
        List<PeerState> peers,
        String version) {
    public AgentSnapshot {
        beaconLags = Map.copyOf(beaconLags);
        driftPaths = List.copyOf(driftPaths);
        heldBack = List.copyOf(heldBack);
        concerns = List.copyOf(concerns);
        left = List.copyOf(left);
        holds = List.copyOf(holds);
        peers = List.copyOf(peers);
    }

    /**
     * What is to be known of the live paths besides where they lead.
     *
     * @param limit what no flip can do on this node; empty when nothing is out of reach
     * @param problem why they do not lead where they should; empty when they do, or are about to
     */
    public record LivePathState(Optional<String> limit, Optional<String> problem) {}

    /**
     * One complete look at a tree.
     *
     * @param root the root digest of what was seen
     * @param at when the look began
     * @param files how many files there were
     * @param took how long it took
     */
    public record Look(Digest root, Instant at, long files, Duration took) {}

    /**
     * What this node knows of another member.
     *
     * @param view what it last said; empty before the first time
     * @param heardAt when it said so, by this node's clock
     * @param problem why the last exchange failed; empty when it did not
     */
    public record PeerState(
            NodeName name, Optional<MemberView> view, Optional<Instant> heardAt, Optional<String> problem) {
        /** Whether the last exchange worked. */
        public boolean isReachable() {
            return view.isPresent() && problem.isEmpty();
        }
    }

    /** For how long the node has been serving something else than the reference; zero when it serves it. */
    public Duration lag(Instant now) {
        return behindSince
                .map(since -> notNegative(Duration.between(since, now)))
                .orElse(Duration.ZERO);
    }

    /** How old the last look at what the Gateway reads is; empty before the first. */
    public Optional<Duration> evidenceAge(Instant now) {
        return served.map(look -> notNegative(Duration.between(look.at(), now)));
    }

    private static Duration notNegative(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }
}
