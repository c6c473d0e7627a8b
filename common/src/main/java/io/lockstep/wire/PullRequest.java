package io.lockstep.wire;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import java.util.List;
import java.util.Objects;

/**
 * Names the files of one generation that a node wants over an rsync stream: the payload of
 * {@code GET /v1/rsync}.
 *
 * @param root the generation's root digest
 * @param tree the tree's name
 * @param paths files of that tree, relative to its root, at most {@value #MAX_PATHS}
 */
public record PullRequest(Digest root, String tree, List<EntryPath> paths) {
    /** The most files in one pull. */
    public static final int MAX_PATHS = 20_000;

    public PullRequest {
        Objects.requireNonNull(root, "the request lacks the root digest");
        Objects.requireNonNull(tree, "the request lacks the tree");
        paths = List.copyOf(paths);
        if (paths.size() > MAX_PATHS) {
            throw new IllegalArgumentException("a pull names at most " + MAX_PATHS + " files, not " + paths.size());
        }
    }
}
