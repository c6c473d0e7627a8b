package io.lockstep.agent.loop;

import io.lockstep.cluster.Reason;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import java.util.List;
import java.util.Map;

/**
 * The share as this node sees it. Every method touches the share's file system and may hang with it, so the control
 * thread never calls one.
 */
public interface Share {
    /** Looks whether every tree's directory and marker are there and are this cluster's. */
    Probe probe();

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

    /**
     * What a look at the marker found.
     *
     * @param reason {@link Reason#OK} when the share is this cluster's
     */
    record Probe(Reason reason, String detail) {
        public static final Probe OK = new Probe(Reason.OK, "");
    }
}
