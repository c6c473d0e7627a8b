package io.lockstep.agent.store;

import io.lockstep.agent.posix.Errno;
import io.lockstep.artifact.EntryPath;

/**
 * What was done at one path.
 *
 * @param path with the tree's name
 * @param kept where what had stood there went
 * @param errno the reason when the effect is {@link Effect#BLOCKED}, else {@link Errno#NONE}
 */
public record PathResult(EntryPath path, Effect effect, Kept kept, Errno errno) {
    /** What was done. */
    public enum Effect {
        /** The path is as the generation has it. */
        DONE,
        /** It already was, without any write. */
        UNCHANGED,
        /** A directory that the generation has not still holds something; it stays. */
        NOT_EMPTY,
        /** Something that is in no committed generation stands there, and it was to be left alone. */
        FOREIGN,
        /** The stage has not the content, or no longer as it was; the path is as it was. */
        CONTENT_MISSING,
        /** The path could not be reached or changed, or something else stands there than the scan saw. */
        BLOCKED
    }

    /** Where the old content of a path went. */
    public enum Kept {
        /** There was none to keep. */
        NOTHING,
        TRASH,
        CONFLICT
    }

    static PathResult of(EntryPath path, Effect effect) {
        return new PathResult(path, effect, Kept.NOTHING, Errno.NONE);
    }

    static PathResult done(EntryPath path, Kept kept) {
        return new PathResult(path, Effect.DONE, kept, Errno.NONE);
    }

    static PathResult blocked(EntryPath path, Errno errno) {
        return new PathResult(path, Effect.BLOCKED, Kept.NOTHING, errno);
    }

    /** Whether nothing is left to do at the path; a directory that is not empty is another scan's finding. */
    public boolean isSettled() {
        return effect == Effect.DONE || effect == Effect.UNCHANGED || effect == Effect.NOT_EMPTY;
    }
}
