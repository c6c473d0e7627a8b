package io.lockstep.agent.loop;

import io.lockstep.generation.ManifestEntry;
import java.util.List;
import java.util.Optional;

/**
 * What became of an attempt to bring content into the stage.
 *
 * @param missing the files whose content could not be had; empty when all of it is staged
 * @param problem why, for people; empty when nothing is missing
 * @param rejections what members sent and was not taken, even when all is staged now
 */
public record Staging(List<ManifestEntry> missing, Optional<String> problem, List<Rejection> rejections) {
    public Staging {
        missing = List.copyOf(missing);
        rejections = List.copyOf(rejections);
    }

    public Staging(List<ManifestEntry> missing, Optional<String> problem) {
        this(missing, problem, List.of());
    }

    public boolean isComplete() {
        return missing.isEmpty();
    }
}
