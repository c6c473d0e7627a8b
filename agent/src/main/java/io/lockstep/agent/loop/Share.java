package io.lockstep.agent.loop;

import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Probe;
import java.util.List;
import java.util.Map;

/**
 * The share as this node sees it. Every method touches the share's file system and may hang with it, so the control
 * thread never calls one.
 */
public interface Share {
    /**
     * Looks at every tree's directory and marker, writes this node's beacon, reads it back, and reads the members'.
     *
     * @param beacon what this node writes
     * @param peers whose beacons are read
     */
    Probe probe(Beacon beacon, List<NodeName> peers);

    /**
     * Probes, scans every tree, and probes again: a share that goes away meanwhile shows no deletions.
     *
     * @param previous the last scan's inventories, whose digests are reused where provably fresh; may be empty
     * @param everyDigest whether to reuse none
     */
    TreeScan scan(Map<String, Inventory> previous, boolean everyDigest, ScanProgress progress);

    /**
     * Copies the content of these files into the stage, each checked against its digest.
     *
     * @param files entries of a manifest
     */
    Staging stage(List<ManifestEntry> files);

    /**
     * Brings the share to {@code target}. An entry that is not as {@code seen} shows it is left alone: somebody wrote
     * it meanwhile.
     */
    Change write(Manifest target, View seen);
}
