package io.lockstep.wire;

import io.lockstep.artifact.EntryPath;
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
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.HeldBack;
import io.lockstep.health.AgentSnapshot;
import io.lockstep.health.HealthAnswer;
import io.lockstep.health.HealthLimits;
import io.lockstep.health.HealthRules;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * The cluster as one node sees it: the answer of {@code GET /v1/status}, and what {@code lockstep status} prints.
 *
 * @param node who answers
 * @param remedy what to do about {@code reason}
 * @param rootDigest the reference's
 * @param mountDetail what the last look at the share found, when it was not proven
 * @param mount what this node knows of its own share
 * @param driftPaths this node's confirmed drift, at most {@link Hold#MAX_PATHS}
 * @param heldBack paths that are not published yet, because they did not settle, can't be read or are not valid
 * @param heldBackWhy the same with why, at most {@link Hold#MAX_PATHS}; empty when an older agent answers
 * @param concerns what a Gateway may misunderstand of what is published, at most {@link Hold#MAX_PATHS}
 * @param reported paths left out of the tree that people should know of, such as the Gateway's {@code *.back} files
 * @param problem what this node last failed to do
 * @param problemReason the reason of the problem, where it has one
 * @param livePathLimit what this node could not do about its live path if the share hung
 * @param damaged files of this node's trash and conflict store whose bytes are not what they were
 */
public record StatusReport(
        NodeName node,
        Mode mode,
        Reason reason,
        String remedy,
        NodeName manager,
        long epoch,
        Optional<GenerationId> generation,
        Optional<Digest> rootDigest,
        List<Hold> holds,
        List<Member> members,
        String mountDetail,
        Mount mount,
        List<EntryPath> driftPaths,
        List<EntryPath> heldBack,
        List<HeldBack> heldBackWhy,
        List<Concern> concerns,
        List<EntryPath> reported,
        Optional<String> problem,
        Optional<Reason> problemReason,
        Optional<String> livePathLimit,
        List<String> damaged) {
    public StatusReport {
        Objects.requireNonNull(mount, "a report lacks the mount");
        holds = List.copyOf(holds);
        members = List.copyOf(members);
        driftPaths = List.copyOf(driftPaths);
        heldBack = List.copyOf(heldBack);
        // An agent of an earlier version does not say these.
        heldBackWhy = List.copyOf(Objects.requireNonNullElse(heldBackWhy, List.of()));
        concerns = List.copyOf(Objects.requireNonNullElse(concerns, List.of()));
        reported = List.copyOf(reported);
        // An older agent does not look.
        damaged = damaged == null ? List.of() : List.copyOf(damaged);
    }

    /**
     * A node's evidence of its share.
     *
     * @param writable whether it can be written too
     * @param ageSeconds how old what it rests on is
     * @param sinceSeconds for how long the state has been the same
     */
    public record Mount(
            MountEvidence.State state,
            Reason reason,
            String remedy,
            String detail,
            boolean writable,
            double ageSeconds,
            double sinceSeconds) {
        static Mount of(MountEvidence evidence, Instant now) {
            return new Mount(
                    evidence.state(),
                    evidence.reason(),
                    evidence.reason().remedy(),
                    evidence.detail(),
                    evidence.isWritable(),
                    seconds(evidence.observedAt(), now),
                    seconds(evidence.since(), now));
        }
    }

    /**
     * One member.
     *
     * @param state {@code serving}; {@code unreachable}; or what is wrong, in lower case with hyphens
     * @param rootDigest of what its Gateway reads
     * @param lagSeconds for how long it has been serving something else than the reference
     * @param heardSecondsAgo when it last told; 0 for the node itself, -1 for never
     * @param remedy what to do about its state
     * @param mountReason why its share is in the state {@code mount}
     * @param figuresKnown whether lag and drift are known; without that they are 0 and say nothing
     * @param beaconLagSeconds for how long the asked node has not seen the beacon that this member announced
     */
    public record Member(
            NodeName name,
            Role role,
            String state,
            Optional<Mode> mode,
            Optional<GenerationId> generation,
            Optional<Digest> rootDigest,
            Optional<Serving> serving,
            Optional<MountEvidence.State> mount,
            double lagSeconds,
            DriftSummary drift,
            int conflicts,
            double evidenceAgeSeconds,
            double heardSecondsAgo,
            String remedy,
            Optional<String> version,
            Optional<Reason> mountReason,
            boolean figuresKnown,
            double beaconLagSeconds) {}

    /** The report that a snapshot gives. */
    public static StatusReport of(AgentSnapshot snapshot, HealthLimits limits, Instant now) {
        var members = new ArrayList<Member>();
        var ready = HealthRules.ready(snapshot, limits, now);
        boolean isKept = ready.state() == HealthAnswer.State.KEPT;
        members.add(of(HealthRules.memberView(snapshot, limits, now), isKept, 0, Duration.ZERO));
        for (var peer : snapshot.peers()) {
            var lag = snapshot.beaconLags().getOrDefault(peer.name(), Duration.ZERO);
            members.add(of(peer, snapshot.manager(), lag, now));
        }
        members.sort(Comparator.comparing(Member::role).thenComparing(Member::name));
        return new StatusReport(
                snapshot.node(),
                snapshot.mode(),
                snapshot.modeReason(),
                snapshot.modeReason().remedy(),
                snapshot.manager(),
                snapshot.epoch(),
                snapshot.reference().map(generation -> generation.id()),
                snapshot.reference().map(generation -> generation.root()),
                snapshot.holds(),
                members,
                snapshot.mount().detail(),
                Mount.of(snapshot.mount(), now),
                snapshot.driftPaths(),
                snapshot.heldBack().stream().map(HeldBack::path).toList(),
                first(snapshot.heldBack()),
                first(snapshot.concerns()),
                snapshot.left(),
                snapshot.replicaProblem(),
                snapshot.logDiverged() ? Optional.of(Reason.LOG_DIVERGED) : Optional.empty(),
                snapshot.livePath().limit(),
                snapshot.store().damaged());
    }

    private static double seconds(Instant from, Instant to) {
        return seconds(Duration.between(from, to));
    }

    private static <T> List<T> first(List<T> all) {
        return all.subList(0, Math.min(all.size(), Hold.MAX_PATHS));
    }

    private static double seconds(Duration duration) {
        return Math.max(0, duration.toMillis()) / 1000.0;
    }

    private static Member of(AgentSnapshot.PeerState peer, NodeName manager, Duration beaconLag, Instant now) {
        double heard = peer.heardAt().map(at -> seconds(at, now)).orElse(-1.0);
        if (peer.isReachable()) {
            return of(peer.view().orElseThrow(), false, heard, beaconLag);
        }
        return new Member(
                peer.name(),
                peer.name().equals(manager) ? Role.MANAGER : Role.WORKER,
                "unreachable",
                Optional.empty(),
                peer.view().flatMap(MemberView::applied),
                peer.view().flatMap(MemberView::servedRoot),
                peer.view().map(MemberView::serving),
                Optional.empty(),
                0,
                DriftSummary.NONE,
                0,
                -1,
                heard,
                peer.problem().orElse("") + ": start its agent, or look at the network",
                peer.view().map(MemberView::version),
                Optional.empty(),
                false,
                0);
    }

    private static Member of(MemberView view, boolean isKept, double heardSecondsAgo, Duration beaconLag) {
        boolean serves = view.fault() == Reason.OK;
        var word = view.fault().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return new Member(
                view.name(),
                view.role(),
                serves ? "serving" : isKept ? word + " (kept)" : word,
                Optional.of(view.mode()),
                view.applied(),
                view.servedRoot(),
                Optional.of(view.serving()),
                Optional.of(view.mount()),
                view.lagSeconds(),
                view.drift(),
                view.conflicts(),
                view.evidenceAgeSeconds(),
                heardSecondsAgo,
                view.fault().remedy(),
                Optional.of(view.version()),
                Optional.of(view.mountReason()),
                view.evidenceAgeSeconds() >= 0,
                seconds(beaconLag));
    }
}
