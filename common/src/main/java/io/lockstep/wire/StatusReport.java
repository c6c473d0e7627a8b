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
 * @param driftPaths this node's confirmed drift, at most {@link Hold#MAX_PATHS}
 * @param heldBack paths that are not published yet, because they did not settle, can't be read or are not valid
 * @param heldBackWhy the same with why, at most {@link Hold#MAX_PATHS}; empty when an older agent answers
 * @param concerns what a Gateway may misunderstand of what is published, at most {@link Hold#MAX_PATHS}
 * @param reported paths left out of the tree that people should know of, such as the Gateway's {@code *.back} files
 * @param problem what this node last failed to do
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
        List<EntryPath> driftPaths,
        List<EntryPath> heldBack,
        List<HeldBack> heldBackWhy,
        List<Concern> concerns,
        List<EntryPath> reported,
        Optional<String> problem) {
    public StatusReport {
        holds = List.copyOf(holds);
        members = List.copyOf(members);
        driftPaths = List.copyOf(driftPaths);
        heldBack = List.copyOf(heldBack);
        // An agent of an earlier version does not say these.
        heldBackWhy = List.copyOf(Objects.requireNonNullElse(heldBackWhy, List.of()));
        concerns = List.copyOf(Objects.requireNonNullElse(concerns, List.of()));
        reported = List.copyOf(reported);
    }

    /**
     * One member.
     *
     * @param state {@code serving}; {@code unreachable}; or what is wrong, in lower case with hyphens
     * @param rootDigest of what its Gateway reads
     * @param lagSeconds for how long it has been serving something else than the reference
     * @param heardSecondsAgo when it last told; 0 for the node itself, -1 for never
     * @param remedy what to do about its state
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
            Optional<String> version) {}

    /** The report that a snapshot gives. */
    public static StatusReport of(AgentSnapshot snapshot, HealthLimits limits, Instant now) {
        var members = new ArrayList<Member>();
        var ready = HealthRules.ready(snapshot, limits, now);
        members.add(of(HealthRules.memberView(snapshot, limits, now), ready.state() == HealthAnswer.State.KEPT, 0));
        for (var peer : snapshot.peers()) {
            members.add(of(peer, snapshot.manager(), now));
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
                snapshot.driftPaths(),
                snapshot.heldBack().stream().map(HeldBack::path).toList(),
                first(snapshot.heldBack()),
                first(snapshot.concerns()),
                snapshot.left(),
                snapshot.replicaProblem());
    }

    private static <T> List<T> first(List<T> all) {
        return all.subList(0, Math.min(all.size(), Hold.MAX_PATHS));
    }

    private static Member of(AgentSnapshot.PeerState peer, NodeName manager, Instant now) {
        double heard = peer.heardAt()
                .map(at -> Math.max(0, Duration.between(at, now).toMillis()) / 1000.0)
                .orElse(-1.0);
        if (peer.isReachable()) {
            return of(peer.view().orElseThrow(), false, heard);
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
                peer.view().map(MemberView::version));
    }

    private static Member of(MemberView view, boolean isKept, double heardSecondsAgo) {
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
                Optional.of(view.version()));
    }
}
