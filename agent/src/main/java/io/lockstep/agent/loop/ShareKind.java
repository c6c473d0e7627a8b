package io.lockstep.agent.loop;

import io.lockstep.generation.Resolution;

/**
 * How the nodes have the share.
 *
 * @param isMounted whether it is a directory of a mount, which a Gateway can read through. One that is not is a server
 *     that the agents alone talk to: every live path leads to its replica in every mode, only the manager scans the
 *     share, and the other nodes receive each generation from it and from each other
 * @param resolution how finely the share tells entries apart
 */
public record ShareKind(boolean isMounted, Resolution resolution) {
    /** A mount, which tells everything. */
    public static final ShareKind MOUNT = new ShareKind(true, Resolution.EXACT);

    /** A server that is not mounted. */
    public static ShareKind remote(Resolution resolution) {
        return new ShareKind(false, resolution);
    }
}
