package io.lockstep.agent.store;

/** How many things are kept, or why it can't be told: unknown is not none. */
public sealed interface KeptCount {
    /** So many. */
    record Counted(long entries) implements KeptCount {}

    /** The directory can't be read. */
    record Unreadable(DiskFailure failure) implements KeptCount {}
}
