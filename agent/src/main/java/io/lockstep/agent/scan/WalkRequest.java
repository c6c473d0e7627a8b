package io.lockstep.agent.scan;

import io.lockstep.agent.posix.CallWatch;
import io.lockstep.digest.StampTable;
import java.nio.file.Path;

/**
 * One walk to do for somebody who has the previous scan's findings, and tells only their stamps.
 *
 * @param root as in {@link ScanRequest}
 * @param known what the previous scan found; an empty table for a first one
 * @param knownStartNanos when the previous scan started
 * @param fullDigest as in {@link ScanRequest}
 * @param scanStartNanos as in {@link ScanRequest}
 * @param sink hears what is found anew
 * @param watch hears of every call
 */
public record WalkRequest(
        Path root,
        StampTable known,
        long knownStartNanos,
        boolean fullDigest,
        long scanStartNanos,
        FindingSink sink,
        ScanProgress progress,
        CallWatch watch) {}
