package io.lockstep.mount;

import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.Reason;
import io.lockstep.mount.MountRule.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Judges what one probe saw of the trees' shares, without asking what other members see: pure functions. */
final class SightRule {
    private SightRule() {}

    /**
     * The verdict on the first tree that something is wrong with; one that is lost before one that can't be written.
     *
     * @param registered the share's id in the decision log, by the tree's name; a tree that has none takes any
     * @param beacon what this node wrote; empty when it was not meant to write
     */
    static Verdict judge(
            List<TreeSight> trees, String clusterId, Map<String, String> registered, Optional<Beacon> beacon) {
        return Verdict.worst(trees.stream()
                .map(tree -> judge(tree, clusterId, registered, beacon))
                .toList());
    }

    private static Verdict judge(
            TreeSight tree, String clusterId, Map<String, String> registered, Optional<Beacon> beacon) {
        var name = "tree " + tree.tree();
        for (var sight : List.<Sight<?>>of(tree.directory(), tree.marker())) {
            if (sight instanceof Sight.Refused<?> refused) {
                return reading(name, refused);
            }
        }
        if (tree.directory() instanceof Sight.Absent<String>) {
            return Verdict.lost(Reason.SHARE_MISSING, "the share of " + name + " is not there");
        }
        if (!(tree.marker() instanceof Sight.Seen<Marker> seen)) {
            return Verdict.lost(Reason.MARKER_MISSING, name + " has no marker");
        }
        var marker = judge(name, seen.value(), clusterId, Optional.ofNullable(registered.get(tree.tree())));
        return marker.isOk() && beacon.isPresent() ? written(name, tree.written(), beacon.get()) : marker;
    }

    private static Verdict judge(String name, Marker marker, String clusterId, Optional<String> registered) {
        if (!marker.clusterId().equals(clusterId)) {
            return Verdict.lost(
                    Reason.MARKER_FOREIGN,
                    "the marker of " + name + " is of cluster '" + marker.clusterId() + "', not '" + clusterId + "'");
        }
        if (registered.isPresent() && !registered.get().equals(marker.shareId())) {
            return Verdict.lost(
                    Reason.MARKER_UNREGISTERED,
                    "the marker of " + name + " is of share " + marker.shareId() + ", and share " + registered.get()
                            + " is registered");
        }
        return Verdict.OK;
    }

    private static Verdict written(String name, Sight<Beacon> written, Beacon beacon) {
        if (written instanceof Sight.Refused<Beacon> refused) {
            return refused.operation().equals("read") ? reading(name, refused) : writing(name, refused);
        }
        if (!(written instanceof Sight.Seen<Beacon> seen)) {
            return Verdict.lost(Reason.SHARE_IO_ERROR, name + ": the beacon is not there after it was written");
        }
        var found = seen.value();
        if (found.isAtLeast(beacon)) {
            return Verdict.OK;
        }
        return found.incarnation() == beacon.incarnation()
                ? Verdict.lost(
                        Reason.STALE_VIEW,
                        name + ": beacon " + beacon.seq() + " was written and " + found.seq() + " was read back")
                : Verdict.lost(
                        Reason.SHARE_IO_ERROR,
                        name + ": another agent writes the beacon of " + beacon.node()
                                + " too: give each node its own node.name");
    }

    /** A refused write may leave a share that is good to read. */
    private static Verdict writing(String name, Sight.Refused<?> refused) {
        var reason = ErrnoRule.reason(refused.error());
        return MountEvidence.leavesReadable(reason)
                ? Verdict.readable(reason, text(name, refused))
                : Verdict.lost(reason, text(name, refused));
    }

    /** A refused read never does, whatever refused it. */
    private static Verdict reading(String name, Sight.Refused<?> refused) {
        return Verdict.lost(ErrnoRule.reason(refused.error()), text(name, refused));
    }

    private static String text(String name, Sight.Refused<?> refused) {
        return name + ": " + refused.operation() + ": " + refused.error();
    }
}
