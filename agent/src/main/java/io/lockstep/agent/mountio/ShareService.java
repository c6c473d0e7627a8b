package io.lockstep.agent.mountio;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Finding;
import io.lockstep.digest.StampTable;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.TreeSight;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the child does with the share, one implementation a kind of share. A probe may run beside one of the others; of
 * those, one at a time. Every method may hang with the share: then the process is killed. What it throws is told to the
 * parent as a refusal.
 */
public interface ShareService {
    /** Looks at every tree's directory and marker, writes this node's beacon and reads it back, reads the members'. */
    List<TreeSight> probe(Beacon beacon, List<NodeName> peers);

    /**
     * Scans every tree; the share is looked at before and after, so that one that goes away meanwhile shows no deletions.
     *
     * @return why what was reported stands for nothing; empty when it stands
     */
    Optional<Problem> scan(ScanOrder order, ScanReport report);

    /** Copies the content of these files into the stages, each checked against its digest. */
    Staged stage(List<ManifestEntry> files);

    /** Brings the share to a manifest with content from the stages. */
    Written write(WriteOrder order);

    /** Why a scan came to nothing. */
    record Problem(Reason reason, String detail) {}

    /**
     * A scan to do.
     *
     * @param everyDigest whether to reuse none
     * @param known by the tree's name, what the previous scan found; a tree without one is scanned for the first time
     */
    record ScanOrder(boolean everyDigest, Map<String, KnownTree> known) {
        public ScanOrder {
            known = Map.copyOf(known);
        }
    }

    /** What a previous scan found in a tree, and when it started. */
    record KnownTree(StampTable table, long scanStartNanos) {}

    /** Hears what a scan finds. For any number of threads. */
    interface ScanReport {
        /** So much was done since the last call. */
        void progress(long entries, long bytes);

        /** A finding that the previous scan had not. */
        void found(String tree, Finding finding);

        /** A directory whose names were not all read: nothing below it counts. */
        void severed(String tree, EntryPath directory);

        /** The tree is done. */
        void scanned(String tree, ScannedTree scanned);
    }

    /**
     * How the scan of a tree ended.
     *
     * @param kept by index, those of the previous scan's findings that still hold
     */
    record ScannedTree(long scanStartNanos, BitSet kept, int hashedFiles, long hashedBytes) {}

    /**
     * What became of files to copy.
     *
     * @param staged by index, those whose content is staged
     * @param problem of one that is not
     */
    record Staged(BitSet staged, Optional<String> problem) {}

    /**
     * A change to make. An entry that is not as {@code seen} shows it is left alone.
     *
     * @param generation whose manifest {@code target} is
     */
    record WriteOrder(GenerationId generation, Manifest target, View seen) {}

    /** What became of it; counts as in the loop's {@code Change}. */
    record Written(int written, int trashed, int preserved, Optional<String> problem) {}
}
