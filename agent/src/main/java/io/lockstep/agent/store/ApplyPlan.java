package io.lockstep.agent.store;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.ApplyOrder;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What one tree lacks of a generation, in the order in which it is done. Pure.
 *
 * @param directories to make or to give another mode, parents first
 * @param cleared files to take out because a directory above them becomes a file
 * @param clearedDirectories directories to remove for the same reason, deepest first
 * @param files to write or to give another mode or time, as {@link ApplyOrder} says
 * @param contents those of {@code files} whose content the scan did not see there
 * @param removals files to take out, in reverse order
 * @param emptied directories that the generation has not, deepest first
 * @param replacedBytes how much content is taken out, as far as the scan saw it
 */
public record ApplyPlan(
        List<ManifestEntry> directories,
        List<EntryPath> cleared,
        List<EntryPath> clearedDirectories,
        List<ManifestEntry> files,
        List<ManifestEntry> contents,
        List<EntryPath> removals,
        List<EntryPath> emptied,
        long replacedBytes) {
    public ApplyPlan {
        directories = List.copyOf(directories);
        cleared = List.copyOf(cleared);
        clearedDirectories = List.copyOf(clearedDirectories);
        files = List.copyOf(files);
        contents = List.copyOf(contents);
        removals = List.copyOf(removals);
        emptied = List.copyOf(emptied);
    }

    /** What the tree called {@code tree} lacks; what the scan could not see is never removed. */
    public static ApplyPlan of(EntryPath tree, Manifest wanted, View seen) {
        var directories = new ArrayList<ManifestEntry>();
        var cleared = new ArrayList<EntryPath>();
        var clearedDirectories = new ArrayList<EntryPath>();
        var files = new ArrayList<ManifestEntry>();
        var contents = new ArrayList<ManifestEntry>();
        var removals = new ArrayList<EntryPath>();
        var emptied = new ArrayList<EntryPath>();
        long replacedBytes = 0;
        for (var difference : ManifestDiff.between(wanted, seen.manifest()).differences()) {
            var path = difference.path();
            var reference = difference.reference();
            var actual = difference.actual();
            if (!path.isBelow(tree)) {
                continue;
            }
            boolean hasContent = false;
            if (reference.isEmpty()) {
                boolean isFile = actual.orElseThrow().isFile();
                if (becomesFile(path, wanted)) {
                    (isFile ? cleared : clearedDirectories).add(path);
                } else {
                    (isFile ? removals : emptied).add(path);
                }
            } else if (!reference.get().isFile()) {
                directories.add(reference.get());
            } else {
                files.add(reference.get());
                hasContent = actual.filter(reference.get()::hasContentOf).isPresent();
                if (!hasContent) {
                    contents.add(reference.get());
                }
            }
            if (!hasContent) {
                replacedBytes += actual.map(ManifestEntry::sizeBytes).orElse(0L);
            }
        }
        directories.sort(Comparator.comparing(ManifestEntry::path));
        files.sort(Comparator.comparing(ManifestEntry::path, ApplyOrder.placing()));
        removals.sort(ApplyOrder.removing());
        emptied.sort(Comparator.reverseOrder());
        clearedDirectories.sort(Comparator.reverseOrder());
        return new ApplyPlan(
                directories, cleared, clearedDirectories, files, contents, removals, emptied, replacedBytes);
    }

    /** Whether a directory above {@code path} is a file in the generation. */
    private static boolean becomesFile(EntryPath path, Manifest wanted) {
        for (var above = path.parent(); above.isPresent(); above = above.get().parent()) {
            var entry = wanted.find(above.get());
            if (entry.isPresent()) {
                return entry.get().isFile();
            }
        }
        return false;
    }

    public boolean isEmpty() {
        return directories.isEmpty() && files.isEmpty() && removals.isEmpty() && emptied.isEmpty();
    }

    /** The paths of the steps in their order; a step's number is its index. Of those left out, none takes anything out. */
    List<EntryPath> steps() {
        var steps = new ArrayList<EntryPath>();
        directories.forEach(entry -> steps.add(entry.path()));
        steps.addAll(cleared);
        steps.addAll(clearedDirectories);
        files.forEach(entry -> steps.add(entry.path()));
        steps.addAll(removals);
        return steps;
    }

    /** What the tree's file system must have: the new contents, while the old ones stay, and the journal. */
    SpaceNeed neededByTree() {
        var need = SpaceNeed.ONE_BLOCK.times(directories.size() + 1L);
        for (var entry : contents) {
            need = need.plus(SpaceNeed.ofFile(entry.sizeBytes()));
        }
        long journal = 0;
        for (var path : steps()) {
            // An escaped byte takes four.
            journal += 4L * path.length() + 16;
        }
        return need.plus(new SpaceNeed(journal, 0));
    }

    /** What the file system of trash and conflicts must have: descriptions, and copies when it is another one. */
    SpaceNeed neededByStore(boolean sameFileSystem) {
        long kept = directories.size() + (long) contents.size() + cleared.size() + removals.size();
        var need = SpaceNeed.ONE_BLOCK.times(kept + 3);
        return sameFileSystem
                ? need
                : need.plus(SpaceNeed.ONE_BLOCK.times(kept)).plus(new SpaceNeed(replacedBytes, 0));
    }
}
