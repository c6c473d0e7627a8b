package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Map;

/**
 * The order in which files reach a tree, so that a Gateway that scans in the middle never sees an API before what the
 * API refers to: local entries, endpoints, sequences, everything else, APIs. Deletions go the other way round.
 *
 * <p>A file's kind is told by the nearest directory above it that is called as one of Synapse's artifact directories,
 * {@code synapse-configs/default/sequences/in.xml} for example; the file's own name tells nothing.
 */
public final class ApplyOrder {
    private static final int OTHER = 3;
    private static final Map<String, Integer> RANK_OF_DIRECTORY =
            Map.of("local-entries", 0, "endpoints", 1, "sequences", 2, "api", 4);

    private static final Comparator<EntryPath> PLACING =
            Comparator.comparingInt(ApplyOrder::rank).thenComparing(Comparator.naturalOrder());

    private ApplyOrder() {}

    /** What is written first comes first; within a kind by path, so that one directory's files stand together. */
    public static Comparator<EntryPath> placing() {
        return PLACING;
    }

    /** What is deleted first comes first: the reverse of {@link #placing()}. */
    public static Comparator<EntryPath> removing() {
        return PLACING.reversed();
    }

    private static int rank(EntryPath path) {
        for (var directory = path.parent();
                directory.isPresent();
                directory = directory.get().parent()) {
            var rank = RANK_OF_DIRECTORY.get(new String(directory.get().name(), StandardCharsets.ISO_8859_1));
            if (rank != null) {
                return rank;
            }
        }
        return OTHER;
    }
}
