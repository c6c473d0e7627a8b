package io.lockstep.agent.store;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The content that committed generations have. */
record KnownContent(List<Manifest> manifests) {
    KnownContent {
        manifests = List.copyOf(manifests);
    }

    /** With one more generation. */
    KnownContent and(Manifest manifest) {
        var all = new ArrayList<>(manifests);
        all.add(manifest);
        return new KnownContent(all);
    }

    /** Whether one of the generations has this content at {@code path}. */
    boolean isAt(EntryPath path, Optional<Digest> content) {
        return content.isPresent()
                && manifests.stream()
                        .anyMatch(manifest -> manifest.find(path)
                                .flatMap(ManifestEntry::digest)
                                .equals(content));
    }

    /** Whether one of the generations has this content at any path. */
    boolean isAnywhere(Optional<Digest> content) {
        return content.isPresent()
                && manifests.stream()
                        .flatMap(manifest -> manifest.entries().stream())
                        .anyMatch(entry -> entry.digest().equals(content));
    }
}
