package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.Manifest;
import java.util.Optional;

/**
 * Looks into content before it enters a generation. It reads what lies on the node's own disk, the stage and the
 * replica, and never the share. {@link #inspect} is called on the replica's thread, so that neither changes meanwhile.
 */
public interface Inspector {
    /** Where the content that is inspected was written. */
    enum Origin {
        /** On the share; the stage has a copy of what is new. */
        SHARE,
        /** In the replica itself, where writers can be asked for. */
        REPLICA
    }

    /**
     * Looks into the files of {@code next} whose content {@code reference} does not have at their path, and surveys the
     * whole.
     */
    Inspection inspect(Manifest reference, Manifest next, Origin origin);

    /** The artifact that a path belongs to, alike for all its files; empty for one that stands alone. Any thread. */
    Optional<String> artifactOf(EntryPath path);
}
