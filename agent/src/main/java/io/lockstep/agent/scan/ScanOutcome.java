package io.lockstep.agent.scan;

import io.lockstep.digest.Inventory;

/** What came of a scan. Absent, unreadable and unknown are different values: only a {@link Scanned} says what is there. */
public sealed interface ScanOutcome {
    /** The tree was looked at; {@link Inventory#isComplete()} says whether all of it could be read. */
    record Scanned(Inventory inventory) implements ScanOutcome {}

    /** There is nothing at the root's path ({@code ENOENT}). */
    record RootAbsent() implements ScanOutcome {}

    /**
     * The root is there or may be, and could not be read to its end.
     *
     * @param error the operating system's symbol, such as {@code EACCES}, {@code ESTALE} or {@code ENOTCONN}
     */
    record RootUnreadable(String error) implements ScanOutcome {}

    /**
     * The tree has more entries than a scan may gather; nothing is known of it.
     *
     * @param maxEntries the limit
     */
    record TooLarge(int maxEntries) implements ScanOutcome {}

    /** The caller cancelled the scan, or its thread was interrupted. */
    record Cancelled() implements ScanOutcome {}
}
