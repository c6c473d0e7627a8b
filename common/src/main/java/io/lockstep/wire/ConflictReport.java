package io.lockstep.wire;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What one node keeps that was written and is not live.
 *
 * @param conflicts at most {@value #MAX_CONFLICTS} of them, the newest generation first
 * @param count how many there are in all
 * @param undescribed where content is kept whose description can't be read; a person has to look
 */
public record ConflictReport(NodeName node, List<Conflict> conflicts, long count, List<String> undescribed) {
    /** The most conflicts that a report lists. */
    public static final int MAX_CONFLICTS = 1000;

    public ConflictReport {
        conflicts = List.copyOf(conflicts);
        undescribed = List.copyOf(undescribed);
    }

    /** How it came about. */
    public enum Kind {
        /** Others wrote it to the share, while the live side had another change at the path. */
        MERGE,
        /** It was written to a tree of this node, where only a committed generation may write. */
        WRITE
    }

    /**
     * One conflict.
     *
     * @param id twelve hexadecimal digits, another one on each node: what an operator types
     * @param path where it stood; the first component is the tree's name
     * @param digest of its content; empty when it is no file, or could not be read
     * @param mode permission bits, 0 to 0777
     * @param modifiedNanos its mtime, in ns since 1970
     * @param keptAt by the node's clock
     * @param generation for a merge, the one that was live; else the one that took its place
     * @param content where it lies on the node
     */
    public record Conflict(
            String id,
            Kind kind,
            EntryPath path,
            EntryType type,
            Optional<Digest> digest,
            long sizeBytes,
            int mode,
            long modifiedNanos,
            Instant keptAt,
            GenerationId generation,
            String content) {}
}
