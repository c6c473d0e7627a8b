package io.lockstep.agent.scan;

import io.lockstep.agent.posix.NameBuffer;
import io.lockstep.artifact.EntryPath;

/** A piece of a scan that any of its threads can do. */
sealed interface ScanTask {
    /** Read the names of the root, which is open already. */
    record ReadRoot(WalkedDirectory root) implements ScanTask {}

    /**
     * Open a directory and read its names.
     *
     * @param parent kept open for this task, which releases it
     * @param knownIndex of the previous finding at the path, or {@link Known#NONE}
     */
    record ReadDirectory(WalkedDirectory parent, EntryPath path, int knownIndex) implements ScanTask {}

    /**
     * Look at the entries with these names.
     *
     * @param directory kept open for this task, which releases it
     * @param names given back to the scan's pool when done
     */
    record LookAtNames(WalkedDirectory directory, NameBuffer names) implements ScanTask {}

    /** Read the names of a directory that changed while they were read, and look at those that were missed. */
    record ReadAgain(WalkedDirectory root, EntryPath path) implements ScanTask {}
}
