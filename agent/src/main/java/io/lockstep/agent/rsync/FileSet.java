package io.lockstep.agent.rsync;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.ManifestEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * The regular files of one tree that a transfer is about. Both sides make it from the same generation's manifest.
 *
 * @param paths relative to the tree's root (without the tree's name), sorted, each once
 * @param totalBytes the files' sizes together, 0 or more; bounds what a peer may send
 */
public record FileSet(List<EntryPath> paths, long totalBytes) {
    public FileSet {
        paths = List.copyOf(new TreeSet<>(paths));
        if (totalBytes < 0) {
            throw new IllegalArgumentException("totalBytes is negative: " + totalBytes);
        }
    }

    /**
     * The files of these manifest entries.
     *
     * @throws IllegalArgumentException when an entry is no file, or the entries belong to more than one tree: a copy
     *     never crosses from one tree to another
     */
    public static FileSet ofEntries(Collection<ManifestEntry> entries) {
        var paths = new ArrayList<EntryPath>(entries.size());
        var trees = new TreeSet<EntryPath>();
        long totalBytes = 0;
        for (var entry : entries) {
            if (!entry.isFile()) {
                throw new IllegalArgumentException("only files are transferred, not the directory " + entry.path());
            }
            trees.add(entry.path().first());
            paths.add(pathInTree(entry));
            totalBytes = Math.addExact(totalBytes, entry.sizeBytes());
        }
        if (trees.size() > 1) {
            throw new IllegalArgumentException("one transfer is about one tree, not about " + trees);
        }
        return new FileSet(paths, totalBytes);
    }

    /** Where the entry lies below its tree's root: the manifest's path without the tree's name. */
    static EntryPath pathInTree(ManifestEntry entry) {
        return entry.path()
                .withoutFirst()
                .orElseThrow(() -> new IllegalArgumentException("a tree itself is no file: " + entry.path()));
    }
}
