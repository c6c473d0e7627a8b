package io.lockstep.agent.lab;

import java.util.List;

/**
 * One fault whose detection is timed.
 *
 * @param fault for people
 * @param where for people
 * @param affected the nodes whose mounts it concerns
 * @param inject makes the fault
 * @param release ends it
 * @param leavesTheShare whether those nodes are to go to their replicas
 * @param endsShared whether the cluster is to go to RSYNC
 */
record DetectionCase(
        String fault,
        String where,
        List<LabNode> affected,
        Action inject,
        Action release,
        boolean leavesTheShare,
        boolean endsShared) {
    /** What is done to hosts. */
    interface Action {
        void run() throws Exception;
    }

    /** The mount is lost on all nodes. */
    static DetectionCase ofAll(String fault, List<LabNode> nodes, Action inject, Action release) {
        return new DetectionCase(fault, "all nodes", nodes, inject, release, true, true);
    }

    /** The mount is lost on one node, and the others feed it. */
    static DetectionCase ofOne(String fault, LabNode node, Action inject, Action release) {
        return new DetectionCase(fault, "one node", List.of(node), inject, release, true, false);
    }

    /** The share can still be read. */
    DetectionCase readable() {
        return new DetectionCase(fault, where, affected, inject, release, false, false);
    }
}
