package io.lockstep.reconcile;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import java.util.ArrayList;
import java.util.Optional;
import java.util.TreeMap;

/** Puts one file into a manifest, in place of what is at its path. */
public final class Placing {
    private static final int DIRECTORY_MODE = 0755;

    private Placing() {}

    /**
     * {@code manifest} with {@code file} at its path, and the directories above it.
     *
     * @return empty where a file stands above its path, a directory at it, or the manifest has not its tree: then more
     *     would give way than that one file
     */
    public static Optional<Manifest> of(Manifest manifest, ManifestEntry file) {
        if (manifest.find(file.path().first()).isEmpty()
                || manifest.find(file.path()).filter(entry -> !entry.isFile()).isPresent()) {
            return Optional.empty();
        }
        var entries = new TreeMap<EntryPath, ManifestEntry>();
        manifest.entries().forEach(entry -> entries.put(entry.path(), entry));
        for (var above = file.path().parent();
                above.isPresent();
                above = above.get().parent()) {
            var path = above.get();
            if (entries.computeIfAbsent(path, p -> ManifestEntry.directory(p, DIRECTORY_MODE))
                    .isFile()) {
                return Optional.empty();
            }
        }
        entries.put(file.path(), file);
        return Optional.of(Manifest.like(manifest, new ArrayList<>(entries.values())));
    }
}
