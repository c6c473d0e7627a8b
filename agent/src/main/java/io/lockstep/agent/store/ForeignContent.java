package io.lockstep.agent.store;

/** What an apply does with content that no committed generation had at its path. */
public enum ForeignContent {
    /** It gives way to the generation and is preserved in the conflict store: for a replica. */
    REPLACE_AND_KEEP,
    /** It is left alone and reported: for the share, where each write expects exactly the planned content. */
    LEAVE_ALONE
}
