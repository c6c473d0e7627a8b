package io.lockstep.agent.loop;

import io.lockstep.cluster.NodeName;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.health.HealthLimits;
import java.time.Duration;
import java.util.List;

/**
 * The configuration that the loop follows; docs/configuration.md says what each time is for.
 *
 * @param clusterId as in the marker of the share
 * @param members all members, this node included
 * @param hasShare whether the trees have a share at all
 * @param shareKind whether that is a mount, or a server that only the agents talk to
 * @param shares where each tree's share is
 * @param maxShareOfTime the largest share of the time that scans of one place may take, above 0 to 1
 * @param beaconPatience how long a member's beacon may take from its announcement until it is seen on this node's mount
 */
public record LoopSettings(
        String clusterId,
        NodeName node,
        NodeName manager,
        List<NodeName> members,
        boolean hasShare,
        ShareKind shareKind,
        List<TreeShare> shares,
        Duration probeInterval,
        Duration scanInterval,
        Duration replicaInterval,
        double maxShareOfTime,
        Duration digestAllEvery,
        Duration lossTimeout,
        Duration returnAfter,
        Duration driftGrace,
        Duration settle,
        Duration settleShare,
        Duration exchangeInterval,
        Duration shareDeadline,
        Duration beaconPatience,
        DeletionGuard guard,
        HealthLimits limits,
        String version) {
    public LoopSettings {
        members = List.copyOf(members);
        shares = List.copyOf(shares);
    }

    public boolean isManager() {
        return node.equals(manager);
    }

    /**
     * Whether this node scans the share. It does when its Gateway may read through it, and when it is the manager, which
     * makes generations of it; for the others' sake a server needn't list and send the same tree to every node.
     */
    public boolean scansShare() {
        return shareKind.isMounted() || isManager();
    }

    /** All members but this node. */
    public List<NodeName> peers() {
        return members.stream().filter(member -> !member.equals(node)).toList();
    }
}
