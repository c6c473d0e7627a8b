package io.lockstep.mount;

import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.mount.BeaconTrack.Standing;
import io.lockstep.mount.MountRule.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Judges whether this node has the share that the others have: a pure function.
 *
 * <p>Every member that has a share announces the beacon that it wrote there. Who has the same share sees it in time.
 * When two members do not see each other's, the one that is with most of them is right; of two halves the one with the
 * manager.
 */
public final class BeaconRule {
    private BeaconRule() {}

    /**
     * The verdict: lost when this node is with the fewer, suspected while that is open.
     *
     * @param tracks every other member's; those that announce nothing or are out of reach are not counted
     * @param patience how long a beacon may take from its announcement until it is seen
     */
    public static Verdict judge(List<BeaconTrack> tracks, NodeName self, NodeName manager, Duration patience) {
        var counted = tracks.stream().filter(BeaconTrack::isAnnouncing).toList();
        var seen = with(Set.of(Standing.SEEN), counted, patience);
        if (isEnough(seen, counted.size() + 1, self, manager)) {
            return Verdict.OK;
        }
        var missing = counted.stream()
                .filter(track -> track.standing(patience) != Standing.SEEN)
                .toList();
        var detail = "the beacons of "
                + missing.stream().map(BeaconTrack::text).collect(Collectors.joining(", "))
                + " are not seen here; this node sees " + seen.size() + " of " + counted.size();
        return isEnough(
                        with(Set.of(Standing.SEEN, Standing.OPEN), counted, patience),
                        counted.size() + 1,
                        self,
                        manager)
                ? Verdict.suspect(reason(missing), detail)
                : Verdict.lost(reason(missing), detail);
    }

    private static Set<NodeName> with(Set<Standing> standings, List<BeaconTrack> counted, Duration patience) {
        return counted.stream()
                .filter(track -> standings.contains(track.standing(patience)))
                .map(BeaconTrack::peer)
                .collect(Collectors.toSet());
    }

    /** Whether this node and the {@code seen} are most of {@code all}, or half of them with the manager. */
    private static boolean isEnough(Set<NodeName> seen, int all, NodeName self, NodeName manager) {
        int here = seen.size() + 1;
        boolean hasManager = self.equals(manager) || seen.contains(manager);
        return 2 * here > all || (2 * here == all && hasManager);
    }

    /** A refused call says more than what is not there, and that more than what is old. */
    private static Reason reason(List<BeaconTrack> missing) {
        var reasons = missing.stream().map(BeaconTrack::reason).toList();
        return reasons.stream()
                .filter(reason -> reason != Reason.WRONG_EXPORT && reason != Reason.STALE_VIEW)
                .findFirst()
                .orElse(reasons.contains(Reason.WRONG_EXPORT) ? Reason.WRONG_EXPORT : Reason.STALE_VIEW);
    }
}
