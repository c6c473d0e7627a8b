package io.lockstep.agent.loop;

import io.lockstep.digest.Inventory;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import io.lockstep.health.StoreState;
import java.util.List;
import java.util.Map;

/**
 * The node's own copies of the trees, with the stage, the trash and the conflict store beside them. Not safe for
 * several threads at once, except {@link #conflicts}.
 */
public interface Replica {
    /** Scans every tree; parameters as in {@link Share#scan}. */
    TreeScan scan(Map<String, Inventory> previous, boolean everyDigest, ScanProgress progress);

    /**
     * Stages what this node has of the content of {@code files} anywhere: in the replica at another path, in the trash,
     * in the conflict store.
     *
     * @param held what the last scan of the replica showed
     * @return the files whose content is still not in the stage
     */
    List<ManifestEntry> notStaged(List<ManifestEntry> files, Manifest held);

    /**
     * Brings the replica to {@code reference} with content from the stage. Whatever is replaced or deleted goes to the
     * trash when some manifest of {@code known} has it, and to the conflict store otherwise.
     *
     * @param seen what the last scan of the replica showed
     */
    Change apply(Generation generation, Manifest reference, View seen, List<Manifest> known);

    /**
     * Keeps whatever a change that a crash cut short has left: in the trash when some manifest of {@code known} has it,
     * in the conflict store otherwise.
     */
    void recover(Generation reference, List<Manifest> known);

    /** Frees the stage: every node that needs it has the content in its replica. */
    void clearStage();

    /** What is to be known of the kept content. Any thread. */
    StoreState store();

    /** How many entries the conflict store lists. */
    int conflicts();
}
