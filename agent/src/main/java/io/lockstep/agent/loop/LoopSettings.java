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
 * @param maxShareOfTime the largest share of the time that scans of one place may take, above 0 to 1
 */
public record LoopSettings(
        String clusterId,
        NodeName node,
        NodeName manager,
        List<NodeName> members,
        boolean hasShare,
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
        DeletionGuard guard,
        HealthLimits limits,
        String version) {
    public LoopSettings {
        members = List.copyOf(members);
    }

    public boolean isManager() {
        return node.equals(manager);
    }

    /** All members but this node. */
    public List<NodeName> peers() {
        return members.stream().filter(member -> !member.equals(node)).toList();
    }
}
