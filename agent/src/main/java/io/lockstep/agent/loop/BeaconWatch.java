package io.lockstep.agent.loop;

import io.lockstep.cluster.MemberView;
import io.lockstep.cluster.NodeName;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.BeaconRule;
import io.lockstep.mount.BeaconTrack;
import io.lockstep.mount.Marker;
import io.lockstep.mount.MountRule.Verdict;
import io.lockstep.mount.Probe;
import io.lockstep.mount.Sight;
import io.lockstep.mount.TreeSight;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Holds what the members announce of their beacons against what this node's probes see of them, each tree by itself.
 * Only the control thread calls the methods.
 */
final class BeaconWatch {
    private final LoopSettings settings;
    /** By the tree's name, then by the member's. */
    private final Map<String, Map<NodeName, BeaconTrack>> tracks = new TreeMap<>();
    /** Which directory each tree's share was at the last look. */
    private final Map<String, String> directories = new HashMap<>();

    BeaconWatch(LoopSettings settings) {
        this.settings = settings;
        for (var share : settings.shares()) {
            var ofTree = new TreeMap<NodeName, BeaconTrack>();
            settings.peers().forEach(peer -> ofTree.put(peer, BeaconTrack.of(peer)));
            tracks.put(share.tree(), ofTree);
        }
    }

    /** Takes what the members said last. */
    void hear(List<PeerState> peers) {
        for (var peer : peers) {
            tracks.values()
                    .forEach(ofTree -> ofTree.computeIfPresent(peer.name(), (name, track) -> heard(track, peer)));
        }
    }

    private static BeaconTrack heard(BeaconTrack track, PeerState peer) {
        if (!peer.isReachable()) {
            return track.unreachable();
        }
        var beacon = peer.view().flatMap(MemberView::beacon);
        return beacon.isPresent() ? track.heard(beacon.get(), peer.heardAt().orElseThrow()) : track.withdrawn();
    }

    /** Takes what a probe saw; a tree whose marker it did not see tells nothing. */
    void looked(Probe.Looked probe, Instant startedAt) {
        for (var tree : probe.trees()) {
            var ofTree = tracks.get(tree.tree());
            if (ofTree != null && tree.marker() instanceof Sight.Seen<Marker>) {
                boolean isElsewhere = isAnotherDirectory(tree);
                ofTree.replaceAll((name, track) -> (isElsewhere ? track.elsewhere() : track)
                        .looked(tree.peers().getOrDefault(name, new Sight.Absent<Beacon>()), startedAt));
            }
        }
    }

    private boolean isAnotherDirectory(TreeSight tree) {
        if (!(tree.directory() instanceof Sight.Seen<String> seen)) {
            return false;
        }
        var before = directories.put(tree.tree(), seen.value());
        return before != null && !before.equals(seen.value());
    }

    /** What the beacons say, of the tree for which they say the worst. */
    Verdict verdict() {
        return Verdict.worst(tracks.entrySet().stream()
                .map(tree -> named(
                        tree.getKey(),
                        BeaconRule.judge(
                                List.copyOf(tree.getValue().values()),
                                settings.node(),
                                settings.manager(),
                                settings.beaconPatience())))
                .toList());
    }

    private static Verdict named(String tree, Verdict verdict) {
        return verdict.isOk()
                ? verdict
                : new Verdict(verdict.state(), verdict.reason(), "tree " + tree + ": " + verdict.detail());
    }

    /** For how long each member's announced beacon has not been seen, in the tree where that is longest. */
    Map<NodeName, Duration> lags(Instant now) {
        var lags = new TreeMap<NodeName, Duration>();
        tracks.values()
                .forEach(ofTree -> ofTree.forEach((name, track) ->
                        lags.merge(name, track.lag(now), (one, other) -> one.compareTo(other) >= 0 ? one : other)));
        return lags;
    }
}
