package io.lockstep.agent.loop;

import io.lockstep.generation.GenerationId;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.wire.ConflictReport;
import java.util.List;
import java.util.Optional;

/** This node's conflict store. Every method works on the local disk; all of them may be called from any thread. */
public interface Conflicts {
    /** Those of {@code files} that are not kept as a merge's conflicts, with their content at their path. */
    List<ManifestEntry> unkept(List<ManifestEntry> files);

    /**
     * Keeps files of the share that a merge found no place for; the stage has their content. Durable when empty is
     * returned, else the first reason why not all are kept.
     *
     * @param reference what is live instead of them
     */
    Optional<String> keep(GenerationId reference, List<ManifestEntry> files);

    /** What is kept, as far as it can be listed. */
    ConflictReport list();

    /** Brings the content of a listed conflict into the stage; why not. */
    Optional<String> stage(ConflictReport.Conflict conflict);

    /** Puts a listed conflict into the trash, since a person decided; why not. */
    Optional<String> close(ConflictReport.Conflict conflict);
}
