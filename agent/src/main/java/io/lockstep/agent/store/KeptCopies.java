package io.lockstep.agent.store;

import io.lockstep.agent.store.KeptEntry.Why;
import io.lockstep.agent.store.PathResult.Kept;
import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Keeps local copies of what has to give way on a share that is not mounted, where nothing can be exchanged and moved:
 * it is fetched first. For one thread at a time.
 */
public final class KeptCopies {
    private final Preserver preserver;

    /** @param time this node's clock */
    public KeptCopies(Trash trash, ConflictStore conflicts, InstantSource time) {
        preserver = new Preserver(trash, conflicts, time);
    }

    /** Where a copy went. */
    public enum Place {
        TRASH,
        CONFLICTS
    }

    /**
     * Takes {@code copy} away: into the trash when {@code isKnown} says so of its content, else into the conflict store.
     * Durable on return.
     *
     * @param generation the one that takes its place
     * @param path where it stood; the first component is the tree's name
     * @throws IOException when the disk refuses; then the copy is still where it was
     */
    public Place keep(Path copy, GenerationId generation, EntryPath path, Predicate<Optional<Digest>> isKnown)
            throws IOException {
        var directory = copy.toAbsolutePath().getParent();
        try (var from = OpenDirectory.open(DurableCalls.DIRECT, directory == null ? copy : directory)) {
            var name = OpenDirectory.bytesOf(String.valueOf(copy.getFileName()));
            try (var file = from.openFile(name)) {
                file.sync();
            }
            var kept = preserver.keep(from, name, new Preserver.Origin(generation, path, Why.REPLACED), isKnown);
            return kept == Kept.TRASH ? Place.TRASH : Place.CONFLICTS;
        } catch (DiskException e) {
            throw new IOException(e.failure().message(), e);
        }
    }
}
