package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What keeps a change out of a generation, beside that it has not settled.
 *
 * @param refused content that was looked into and found wanting, by path
 * @param artifactOf names the artifact that a path belongs to, alike for all files of one artifact; empty for a path
 *     that stands alone
 */
public record Restraints(Map<EntryPath, Refusal> refused, Function<EntryPath, Optional<String>> artifactOf) {
    /** Nothing is refused, and every file stands alone. */
    public static final Restraints NONE = new Restraints(Map.of(), path -> Optional.empty());

    public Restraints {
        refused = Map.copyOf(refused);
    }

    /** Why what {@code seen} has at {@code path}, or at a directory above it, is refused; null when it is not. */
    @Nullable
    Refusal refusalAt(EntryPath path, Manifest seen) {
        if (refused.isEmpty()) {
            return null;
        }
        var refusal = refused.get(path);
        if (refusal != null
                && seen.find(path)
                        .flatMap(ManifestEntry::digest)
                        .filter(refusal.digest()::equals)
                        .isPresent()) {
            return refusal;
        }
        return path.parent().map(above -> refusalAt(above, seen)).orElse(null);
    }
}
