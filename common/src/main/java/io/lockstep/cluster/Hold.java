package io.lockstep.cluster;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import java.time.Instant;
import java.util.List;

/**
 * A plan that waits for an operator.
 *
 * @param id the first twelve digits of the plan's digest: what an operator types
 * @param plan the root digest of the manifest that would become the reference; an approval is for exactly this one
 * @param text what would happen, in a sentence
 * @param paths the paths that the plan concerns, at most {@value #MAX_PATHS} of them, sorted
 * @param pathCount how many there are in all
 */
public record Hold(
        String id, Reason reason, Digest plan, String text, List<EntryPath> paths, int pathCount, Instant since) {
    /** The most paths that a hold lists. */
    public static final int MAX_PATHS = 1000;

    public Hold {
        paths = List.copyOf(paths);
        if (paths.size() > MAX_PATHS || pathCount < paths.size()) {
            throw new IllegalArgumentException("a hold lists at most " + MAX_PATHS + " of its paths");
        }
    }
}
