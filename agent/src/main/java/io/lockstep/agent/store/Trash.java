package io.lockstep.agent.store;

import io.lockstep.agent.posix.CallWatch;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * Content of committed generations that a later one replaced or deleted, kept for a while: bytes, mode and mtime as they
 * were, under {@code <epoch.seq>/} of the generation that replaced them. Several threads may use one trash.
 */
public final class Trash {
    private final KeptEntries entries;

    /** A trash in {@code directory}, which is made when it is first needed. */
    public Trash(Path directory) {
        this(directory, DurableCalls.DIRECT);
    }

    /** The same; {@code watch} hears of every call. */
    public Trash(Path directory, CallWatch watch) {
        this(directory, DurableCalls.watchedBy(watch));
    }

    Trash(Path directory, DurableCalls calls) {
        entries = new KeptEntries(directory, calls);
    }

    KeptEntries entries() {
        return entries;
    }

    /** The first {@code limit} entries, newest generation first. */
    public KeptListing list(int limit) {
        return entries.list(limit);
    }

    /** How many entries there are. */
    public KeptCount count() {
        return entries.count();
    }

    /** What came of a purge. */
    public sealed interface Purge {
        /** What was too old is gone. */
        record Purged(int generations, long entries) implements Purge {}

        /** The disk refused; what was dropped before is gone. */
        record Failed(DiskFailure failure) implements Purge {}
    }

    /**
     * Drops what is kept of a generation when nothing was put there for {@code keepFor} and at least {@code
     * keepGenerations} newer ones stay.
     *
     * @param now by this node's clock
     */
    public Purge purge(Instant now, Duration keepFor, int keepGenerations) {
        var oldest = now.minus(keepFor);
        int generations = 0;
        long dropped = 0;
        try {
            for (var generation :
                    entries.groups().stream().skip(keepGenerations).toList()) {
                var lastKept = Instant.EPOCH.plusNanos(entries.lastKeptNanos(generation));
                if (lastKept.isBefore(oldest)) {
                    dropped += entries.drop(generation);
                    generations++;
                }
            }
        } catch (DiskException e) {
            return new Purge.Failed(e.failure());
        }
        return new Purge.Purged(generations, dropped);
    }
}
