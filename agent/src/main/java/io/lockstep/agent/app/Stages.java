package io.lockstep.agent.app;

import io.lockstep.agent.loop.Staging;
import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.TreeCopy;
import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.ManifestEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Brings content of a place's trees into the stages, one stage a tree. */
final class Stages {
    private Stages() {}

    /** The files of one tree each, by the tree's name. */
    static Map<String, List<ManifestEntry>> byTree(List<ManifestEntry> files) {
        var groups = new TreeMap<String, List<ManifestEntry>>();
        for (var file : files) {
            groups.computeIfAbsent(file.path().first().toString(), tree -> new ArrayList<>())
                    .add(file);
        }
        return groups;
    }

    static ContentStage of(Map<String, ContentStage> stages, String tree) {
        var stage = stages.get(tree);
        if (stage == null) {
            throw new IllegalArgumentException("there is no tree called " + tree);
        }
        return stage;
    }

    /**
     * Copies files from directories.
     *
     * @param root where a tree lies, by its name
     * @param watch hears of every call on the trees
     */
    static Staging stage(
            List<ManifestEntry> files, Map<String, ContentStage> stages, Function<String, Path> root, CallWatch watch) {
        var missing = new ArrayList<ManifestEntry>();
        Optional<String> problem = Optional.empty();
        for (var group : byTree(files).entrySet()) {
            var tree = group.getKey();
            var staged = take(root.apply(tree), group.getValue(), of(stages, tree), watch);
            missing.addAll(staged.missing());
            problem = problem.or(staged::problem);
        }
        return new Staging(missing, missing.isEmpty() ? Optional.empty() : problem);
    }

    /** Copies files of one tree from a directory that has them at their paths, as far as their digests are right. */
    static Staging take(Path root, List<ManifestEntry> files, ContentStage stage, CallWatch watch) {
        var copied = new TreeCopy(stage, watch).copy(root, files);
        if (copied instanceof TreeCopy.CopyOutcome.Stopped stopped) {
            return new Staging(files, Optional.of(stopped.failure().message()));
        }
        var staged = new HashSet<EntryPath>();
        Optional<String> problem = Optional.empty();
        for (var file : ((TreeCopy.CopyOutcome.Copied) copied).files()) {
            if (file instanceof TreeCopy.FileCopy.Staged) {
                staged.add(file.path());
            } else {
                problem = problem.or(() -> Optional.of(String.valueOf(file)));
            }
        }
        var missing =
                files.stream().filter(entry -> !staged.contains(entry.path())).toList();
        return new Staging(missing, problem);
    }
}
