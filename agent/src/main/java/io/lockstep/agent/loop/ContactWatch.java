package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.FirstContact;
import io.lockstep.generation.FirstContact.Place;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.PlanChanges;
import io.lockstep.health.AgentSnapshot.PeerState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Before the first generation: what the manager sees of the share and of all nodes' replicas, and whether the share may
 * become it. While trees that hold files differ, it waits for an operator. Only the manager's control thread calls the
 * methods.
 */
final class ContactWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ContactWatch.class);
    /** Trees whose entries are fetched to say what differs: more would only make the sentence longer. */
    private static final int MOST_FETCHED = 16;
    /** How long the first generation waits for members that were not heard yet; agents are not started all at once. */
    private static final Duration MEETING = Duration.ofSeconds(15);

    private final LoopSettings settings;
    private final Ledger ledger;
    private final Peers peers;
    private final Background<Map<Digest, Manifest>> fetching;
    private final Manifest empty;
    private final Map<Digest, Manifest> fetched = new HashMap<>();
    private List<Place> seen = List.of();
    private Optional<FirstContact> contact = Optional.empty();
    private Optional<Hold> hold = Optional.empty();
    private boolean adopted;
    private boolean isTold;
    private Optional<Instant> metAt = Optional.empty();

    ContactWatch(LoopSettings settings, Ledger ledger, Peers peers, Executor onPeers, Runnable wake) {
        this.settings = settings;
        this.ledger = ledger;
        this.peers = peers;
        fetching = new Background<>(onPeers, wake);
        empty = Manifest.ofUnsorted(settings.shares().stream()
                .map(tree -> ManifestEntry.directory(EntryPath.of(tree.tree()), 0))
                .toList());
    }

    /** An operator says that the share is the first generation, whatever nodes have. */
    void adoptShare() {
        adopted = true;
        LOG.info("adopted place=share");
    }

    /** What trees there are; empty when there is a generation, or not all could be seen yet. */
    Optional<FirstContact> contact() {
        return contact;
    }

    /** Whether the share may become the first generation, or there is one. */
    boolean mayCommitShare() {
        return adopted
                || ledger.reference().isPresent()
                || contact.filter(FirstContact::isAgreed).isPresent();
    }

    /** Why nothing is written yet; empty when nothing waits. */
    Optional<Hold> hold() {
        return hold;
    }

    void turn(ShareWatch shareWatch, ReplicaWatch replicaWatch, List<PeerState> members, Instant now) {
        if (ledger.reference().isPresent()) {
            contact = Optional.empty();
            hold = Optional.empty();
            return;
        }
        fetching.collect().ifPresent(fetched::putAll);
        if (metAt.isEmpty()) {
            metAt = Optional.of(now);
        }
        boolean isOver = !now.isBefore(metAt.get().plus(MEETING));
        var places = places(shareWatch, replicaWatch, members, isOver);
        if (places.isEmpty()) {
            contact = Optional.empty();
            hold = Optional.empty();
            return;
        }
        if (!places.get().equals(seen) || contact.isEmpty()) {
            seen = places.get();
            contact = Optional.of(FirstContact.of(seen));
            isTold = false;
        }
        fetch(members);
        hold = mayCommitShare() ? Optional.empty() : Optional.of(holdOf(contact.get(), now));
        if (hold.isPresent() && !isTold) {
            isTold = true;
            LOG.warn(
                    "hold id={} reason={} text=\"{}\"",
                    hold.get().id(),
                    hold.get().reason(),
                    hold.get().text());
        }
    }

    /** The share and all replicas of members that are reached; empty while one of them has not been looked at. */
    private Optional<List<Place>> places(
            ShareWatch shareWatch, ReplicaWatch replicaWatch, List<PeerState> members, boolean meetingIsOver) {
        var share = shareWatch.evidence().isProven() && shareWatch.isSettled()
                ? shareWatch.newer()
                : Optional.<LookHistory.Look>empty();
        var own = replicaWatch.newer();
        if (share.isEmpty() || own.isEmpty()) {
            return Optional.empty();
        }
        var places = new ArrayList<Place>();
        places.add(Place.of(FirstContact.SHARE, share.get().view().manifest()));
        places.add(Place.of(settings.node().value(), own.get().view().manifest()));
        for (var member : members) {
            if (!member.isReachable() && !meetingIsOver) {
                return Optional.empty();
            }
            if (!member.isReachable()) {
                // It meets the first generation later, and decides then whether it must wait.
                continue;
            }
            var root = member.view().orElseThrow().replicaRoot();
            if (root.isEmpty()) {
                return Optional.empty();
            }
            places.add(place(member.name(), root.get(), places));
        }
        return Optional.of(places);
    }

    private Place place(NodeName member, Digest root, List<Place> known) {
        var manifest = Optional.ofNullable(fetched.get(root))
                .or(() -> root.equals(empty.root()) ? Optional.of(empty) : Optional.empty())
                .or(() -> known.stream()
                        .filter(place -> place.root().equals(root))
                        .findFirst()
                        .flatMap(Place::manifest));
        return manifest.map(it -> Place.of(member.value(), it))
                .orElseGet(() -> new Place(member.value(), root, false, Optional.empty()));
    }

    /** Asks members for the entries of trees that are only known by their roots, so that people can be told. */
    private void fetch(List<PeerState> members) {
        var unknown = new HashMap<Digest, NodeName>();
        for (var place : seen) {
            if (place.manifest().isEmpty() && fetched.size() + unknown.size() < MOST_FETCHED) {
                members.stream()
                        .map(PeerState::name)
                        .filter(name -> name.value().equals(place.name()))
                        .findFirst()
                        .ifPresent(name -> unknown.put(place.root(), name));
            }
        }
        if (unknown.isEmpty() || fetching.isRunning()) {
            return;
        }
        var nearest = seen.get(0).manifest().orElse(Manifest.empty());
        fetching.start(() -> {
            var found = new HashMap<Digest, Manifest>();
            for (var tree : unknown.entrySet()) {
                try {
                    found.put(tree.getKey(), peers.manifest(tree.getValue(), tree.getKey(), nearest));
                } catch (PeerException e) {
                    LOG.debug("{} does not tell its tree: {}", tree.getValue(), e.getMessage());
                }
            }
            return found;
        });
    }

    private Hold holdOf(FirstContact trees, Instant now) {
        var proposed = trees.proposal().orElse(seen.get(0));
        var id = proposed.root().abbreviated();
        var since =
                hold.filter(before -> before.id().equals(id)).map(Hold::since).orElse(now);
        var paths = trees.differingPaths();
        var share = seen.get(0).manifest().orElse(Manifest.empty());
        var counts =
                PlanChanges.between(share, proposed.manifest().orElse(share)).counts(share);
        return new Hold(
                id,
                Reason.FIRST_CONTACT,
                proposed.root(),
                trees.text(),
                paths.subList(0, Math.min(paths.size(), Hold.MAX_PATHS)),
                paths.size(),
                since,
                "",
                counts,
                Optional.empty(),
                Optional.empty());
    }
}
