package io.lockstep.agent.store;

import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.posix.Errno;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.Stamp;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.ManifestEntry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * What was written to a tree and is not live: it had to give way to a generation that knew nothing of it, or a merge found
 * another change at its path. Kept until a person decides, never purged. Several threads may use one store.
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

    /**
     * Keeps what a merge found no place for, a copy of what the stage holds; durable when empty is returned, else why it
     * is not kept.
     *
     * @param file a file of the share, with its mode and time there
     * @param reference what is live instead
     * @param when by this node's clock
     */
    public Optional<DiskFailure> keepMerged(
            ContentStage stage, ManifestEntry file, GenerationId reference, Instant when) {
        var digest = file.digest().orElseThrow();
        var look = new EntryLook(
                EntryType.FILE, file.mode(), new Stamp(file.sizeBytes(), file.mtimeNanos(), file.mtimeNanos(), 0), 0);
        var origin = new KeptEntries.Origin(reference, file.path(), file.digest(), when, KeptEntry.Why.MERGED);
        try (var source = stage.openFile(digest)) {
            if (entries.keepCopy(source, look, origin)) {
                return Optional.empty();
            }
            stage.discard(digest);
            return Optional.of(new DiskFailure("read", "the stage's " + digest.abbreviated(), Errno.EIO));
        } catch (DiskException e) {
            return Optional.of(e.failure());
        }
    }

    /**
     * Puts a decided conflict into the trash, from which it goes when its time is over; empty when that is durable, else
     * why it is still a conflict.
     *
     * @param when by this node's clock
     */
    public Optional<DiskFailure> close(KeptEntry entry, Trash trash, Instant when) {
        if (entry.type() == EntryType.DIRECTORY) {
            return Optional.of(
                    new DiskFailure("move to the trash", entry.content().toString(), new Errno(21)));
        }
        var origin =
                new KeptEntries.Origin(entry.generation(), entry.path(), entry.digest(), when, KeptEntry.Why.DECIDED);
        try {
            entries.move(entry, trash.entries(), origin);
            return Optional.empty();
        } catch (DiskException e) {
            return Optional.of(e.failure());
        }
    }

    /** How many entries there are. */
    public KeptCount count() {
        return entries.count();
    }
}
