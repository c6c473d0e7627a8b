package io.lockstep.agent.scan;

import java.util.BitSet;

/** What came of a walk that told a {@link FindingSink} what it found. */
public sealed interface WalkOutcome {
    /**
     * The tree was looked at.
     *
     * @param kept of the previous scan's findings, by index, those that still hold
     * @param hashedFiles how many files were read to compute their digest
     * @param hashedBytes how many bytes were read for that
     */
    record Walked(BitSet kept, int hashedFiles, long hashedBytes) implements WalkOutcome {}

    /** It ended early; what the sink was told stands for nothing. */
    record Ended(ScanOutcome why) implements WalkOutcome {}
}
