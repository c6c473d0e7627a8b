package io.lockstep.agent.store;

import io.lockstep.agent.store.KeptEntry.Why;
import io.lockstep.agent.store.PathResult.Kept;
import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/** Inspects what came out of a tree and puts it where it is kept. */
final class Preserver {
    private final KeptEntries trash;
    private final KeptEntries conflicts;
    private final InstantSource time;

    Preserver(Trash trash, ConflictStore conflicts, InstantSource time) {
        this.trash = trash.entries();
        this.conflicts = conflicts.entries();
        this.time = time;
    }

    /** What is known of the thing at hand. */
    record Origin(GenerationId generation, EntryPath path, Why why) {}

    /**
     * Keeps what stands under {@code name} in {@code tmp}: in the trash when {@code isKnown} says so of its content,
     * else in the conflict store. Durable on return.
     */
    Kept keep(OpenDirectory tmp, byte[] name, Origin origin, Predicate<Optional<Digest>> isKnown) throws DiskException {
        var look = tmp.look(name);
        if (look.isEmpty()) {
            return Kept.NOTHING;
        }
        var digest = tmp.digestOf(name);
        boolean known = look.get().isFile() && isKnown.test(digest);
        (known ? trash : conflicts)
                .keep(
                        tmp,
                        name,
                        look.get(),
                        new KeptEntries.Origin(
                                origin.generation(), origin.path(), digest, time.instant(), origin.why()));
        return known ? Kept.TRASH : Kept.CONFLICT;
    }
}
