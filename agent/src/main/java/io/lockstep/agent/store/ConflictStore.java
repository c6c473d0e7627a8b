package io.lockstep.agent.store;

import io.lockstep.agent.posix.CallWatch;
import io.lockstep.generation.GenerationId;
import java.nio.file.Path;

/**
 * What stood in a tree, that no committed generation had there, and that had to give way: somebody's write that nobody
 * had seen. Kept until a person decides, never purged. Several threads may use one store.
 */
public final class ConflictStore {
    private final KeptEntries entries;

    /** A store in {@code directory}, which is made when it is first needed. */
    public ConflictStore(Path directory) {
        this(directory, DurableCalls.DIRECT);
    }

    /** The same; {@code watch} hears of every call. */
    public ConflictStore(Path directory, CallWatch watch) {
        this(directory, DurableCalls.watchedBy(watch));
    }

    ConflictStore(Path directory, DurableCalls calls) {
        entries = new KeptEntries(directory, calls);
    }

    KeptEntries entries() {
        return entries;
    }

    /** The first {@code limit} entries, newest generation first. */
    public KeptListing list(int limit) {
        return entries.list(limit);
    }

    /** What is kept of one generation. */
    public KeptListing list(GenerationId generation) {
        return entries.list(generation);
    }

    /** How many entries there are. */
    public KeptCount count() {
        return entries.count();
    }
}
