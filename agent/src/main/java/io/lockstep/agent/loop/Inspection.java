package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.Concern;
import io.lockstep.generation.Refusal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a look into a manifest's content found.
 *
 * @param refused what may not enter a generation, by path
 * @param concerns what people should know of what may
 * @param problem why some content could not be looked into, for people: then nothing of it is known, and the manifest
 *     is not fit to be committed; empty when all was
 */
public record Inspection(Map<EntryPath, Refusal> refused, List<Concern> concerns, Optional<String> problem) {
    public Inspection {
        refused = Map.copyOf(refused);
        concerns = List.copyOf(concerns);
    }
}
