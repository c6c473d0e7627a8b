package io.lockstep.mount;

import io.lockstep.cluster.NodeName;
import java.util.Map;

/**
 * What one probe saw of one tree's share, without a judgement.
 *
 * @param tree the tree's name
 * @param directory the identity of the tree's directory there, as {@code <device>:<inode>}; only ever compared
 * @param marker what its marker says
 * @param written this node's own beacon: written, fsynced, opened anew and read back
 * @param peers the other members' beacons, by their names; a member whose beacon is absent may be left out
 */
public record TreeSight(
        String tree,
        Sight<String> directory,
        Sight<Marker> marker,
        Sight<Beacon> written,
        Map<NodeName, Sight<Beacon>> peers) {
    public TreeSight {
        peers = Map.copyOf(peers);
    }
}
