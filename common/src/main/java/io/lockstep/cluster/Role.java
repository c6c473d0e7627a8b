package io.lockstep.cluster;

/** What a node is in its cluster. */
public enum Role {
    /** The one node that commits generations. */
    MANAGER,
    /** Every other Gateway node. */
    WORKER
}
