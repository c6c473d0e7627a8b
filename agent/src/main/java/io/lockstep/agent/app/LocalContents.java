package io.lockstep.agent.app;

import io.lockstep.agent.store.ConflictStore;
import io.lockstep.agent.store.ContentSearch;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.Trash;
import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node has of content, by digest, wherever it lies. Content never crosses from one tree to another. For
 * several threads, as long as each has stages of its own.
 */
final class LocalContents {
    private static final Logger LOG = LoggerFactory.getLogger(LocalContents.class);

    private final Map<String, ContentStage> stages;
    private final Map<String, ContentSearch> searches = new TreeMap<>();

    /** @param roots each tree's root in the replica */
    LocalContents(
            Map<String, ContentStage> stages,
            Map<String, Trash> trashes,
            Map<String, ConflictStore> conflicts,
            Function<String, Path> roots,
            Corruptions corruptions) {
        this.stages = stages;
        for (var tree : trashes.entrySet()) {
            var conflictStore =
                    Optional.ofNullable(conflicts.get(tree.getKey())).orElseThrow();
            searches.put(
                    tree.getKey(),
                    new ContentSearch(
                            Stages.of(stages, tree.getKey()),
                            tree.getValue(),
                            conflictStore,
                            roots.apply(tree.getKey()),
                            corruptions));
        }
    }

    ContentSearch search(String tree) {
        var search = searches.get(tree);
        if (search == null) {
            throw new IllegalArgumentException("there is no tree called " + tree);
        }
        return search;
    }

    Map<String, ContentSearch> searches() {
        return searches;
    }

    /** Stages what is found of these files' content; returns the files whose content the stages still lack. */
    List<ManifestEntry> stage(List<ManifestEntry> files, Manifest held) {
        var lacking = notStaged(files);
        if (lacking.isEmpty()) {
            return lacking;
        }
        var inReplica = places(held, digests(lacking));
        for (var file : lacking) {
            var tree = file.path().first().toString();
            var digest = file.digest().orElseThrow();
            search(tree).stage(digest, inReplica.getOrDefault(new Content(tree, digest), List.of()));
        }
        return notStaged(lacking);
    }

    /** Frees a tree's stage. */
    void clear(String tree) {
        if (Stages.of(stages, tree).retain(Set.of()) instanceof ContentStage.Retention.Failed failed) {
            LOG.warn("a stage was not cleared: {}", failed.failure().message());
        }
    }

    private List<ManifestEntry> notStaged(List<ManifestEntry> files) {
        return files.stream()
                .filter(file -> !Stages.of(stages, file.path().first().toString())
                        .has(file.digest().orElseThrow()))
                .toList();
    }

    /** Some content of a tree. */
    record Content(String tree, Digest digest) {}

    static Set<Digest> digests(List<ManifestEntry> files) {
        var digests = new HashSet<Digest>();
        files.forEach(file -> file.digest().ifPresent(digests::add));
        return digests;
    }

    /** Where a replica has these contents, relative to its tree's root. */
    static Map<Content, List<EntryPath>> places(Manifest held, Set<Digest> wanted) {
        var places = new HashMap<Content, List<EntryPath>>();
        for (var entry : held.entries()) {
            if (entry.isFile() && wanted.contains(entry.digest().orElseThrow())) {
                var content = new Content(
                        entry.path().first().toString(), entry.digest().orElseThrow());
                places.computeIfAbsent(content, key -> new ArrayList<>(1))
                        .add(entry.path().withoutFirst().orElseThrow());
            }
        }
        return places;
    }
}
