package io.lockstep.agent.loop;

import io.lockstep.generation.Generation;

/** What became of a {@link Target}. */
public sealed interface TargetOutcome {
    /** It is the reference; nodes and share follow. */
    record Committed(Generation generation) implements TargetOutcome {}

    /** Its content could not be had completely; nothing has changed. */
    record ContentMissing(Staging staging) implements TargetOutcome {}

    /** This node can't do it now; nothing has changed. */
    record Refused(String why, String remedy) implements TargetOutcome {}
}
