package io.lockstep.agent.store;

import io.lockstep.agent.posix.CallWatch;
import io.lockstep.generation.GenerationId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;

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

    /** What is kept of one generation. */
    public KeptListing list(GenerationId generation) {
        return entries.list(generation);
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
     * How much is kept.
     *
     * @param keepFor what is younger stays
     * @param keepGenerations and so much of the newest generations
     * @param maxBytes but of all together no more than this, whatever the other two say; the newest generation stays
     */
    public record Bounds(Duration keepFor, int keepGenerations, long maxBytes) {}

    /**
     * Drops what is kept of a generation when nothing was put there for {@code keepFor} and at least {@code
     * keepGenerations} newer ones stay, and the oldest ones as long as all have more than {@code maxBytes}.
     *
     * <p>Content that is needed somewhere else is safe from it: what is staged is a copy, and what is served has a name
     * of its own while it is.
     *
     * @param now by this node's clock
     */
    public Purge purge(Instant now, Bounds bounds) {
        var oldest = now.minus(bounds.keepFor());
        int newer = 0;
        int generations = 0;
        long dropped = 0;
        long bytes = 0;
        boolean isTooMuch = false;
        try {
            for (var group : entries.sizes().entrySet()) {
                var generation = group.getKey();
                bytes = Math.addExact(bytes, group.getValue());
                var lastKept = Instant.EPOCH.plusNanos(entries.lastKeptNanos(generation));
                boolean isOver = newer >= bounds.keepGenerations() && lastKept.isBefore(oldest);
                // Older ones go with it, however small: without what replaced it later, no generation is whole.
                isTooMuch = isTooMuch || (newer > 0 && bytes > bounds.maxBytes());
                if (isOver || isTooMuch) {
                    dropped += entries.drop(generation);
                    generations++;
                }
                newer++;
            }
        } catch (DiskException e) {
            return new Purge.Failed(e.failure());
        }
        return new Purge.Purged(generations, dropped);
    }

    /** How many bytes are kept; empty when that can't be told. */
    public OptionalLong bytes() {
        try {
            return OptionalLong.of(
                    entries.sizes().values().stream().mapToLong(Long::longValue).sum());
        } catch (DiskException unknown) {
            // Whoever asks shows it as unknown; the purge that follows each change tells of the disk.
            return OptionalLong.empty();
        }
    }
}
