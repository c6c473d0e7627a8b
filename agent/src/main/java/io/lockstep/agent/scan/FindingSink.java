package io.lockstep.agent.scan;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Finding;

/**
 * Takes what a walk finds anew. Called by every thread of the walk; a call that waits holds that thread up, which bounds
 * what is under way. What it throws ends the walk and reaches the caller.
 */
public interface FindingSink {
    /** A finding that the previous scan had not. A path may come twice when it changed while its directory was read. */
    void found(Finding finding);

    /** A directory whose names were not all read: whatever else is said of entries below it stands for nothing. */
    void severed(EntryPath directory);
}
