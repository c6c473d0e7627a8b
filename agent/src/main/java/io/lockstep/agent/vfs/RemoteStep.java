package io.lockstep.agent.vfs;

import io.lockstep.artifact.EntryPath;

/**
 * What came of one order.
 *
 * @param why for people; empty when there is nothing to tell
 */
public record RemoteStep(EntryPath path, Effect effect, String why) {
    /** What was done. */
    public enum Effect {
        DONE,
        /** It is as ordered already. */
        UNCHANGED,
        /** Somebody has written there meanwhile, and is left alone. */
        FOREIGN,
        /** The content is not at hand. */
        CONTENT_MISSING,
        /** The server refused. */
        BLOCKED,
        /** A directory holds something that nobody knew of. */
        NOT_EMPTY;

        /** Whether the path is not as ordered. */
        public boolean isUnsettled() {
            return this != DONE && this != UNCHANGED;
        }
    }
}
