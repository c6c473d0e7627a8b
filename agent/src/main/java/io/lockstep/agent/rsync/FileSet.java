package io.lockstep.agent.rsync;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.ManifestEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The regular files of one tree that a transfer is about. Both sides make it from what they know of a generation.
 *
 * @param files sorted by path, each path once
 */
public record FileSet(List<Item> files) {
    /**
     * One file.
     *
     * @param path relative to the tree's root, without the tree's name
     * @param sizeBytes 0 or more; what a server offers has this size, and bounds what a peer may send
     * @param mtimeNanos in ns since 1970; what a server offers has this time. A puller doesn't ask for it
     */
    public record Item(EntryPath path, long sizeBytes, long mtimeNanos) {
        public Item {
            if (sizeBytes < 0) {
                throw new IllegalArgumentException("sizeBytes is negative: " + sizeBytes);
            }
        }
    }

    public FileSet {
        var byPath = new TreeMap<EntryPath, Item>();
        files.forEach(file -> byPath.put(file.path(), file));
        files = List.copyOf(byPath.values());
    }

    /**
     * The files of these manifest entries.
     *
     * @throws IllegalArgumentException when an entry is no file, or the entries belong to more than one tree: a copy
     *     never crosses from one tree to another
     */
    public static FileSet ofEntries(Collection<ManifestEntry> entries) {
        var files = new ArrayList<Item>(entries.size());
        var trees = new TreeSet<EntryPath>();
        for (var entry : entries) {
            if (!entry.isFile()) {
                throw new IllegalArgumentException("only files are transferred, not the directory " + entry.path());
            }
            trees.add(entry.path().first());
            files.add(new Item(pathInTree(entry), entry.sizeBytes(), entry.mtimeNanos()));
        }
        if (trees.size() > 1) {
            throw new IllegalArgumentException("one transfer is about one tree, not about " + trees);
        }
        return new FileSet(files);
    }

    /** Where the entry lies below its tree's root: the manifest's path without the tree's name. */
    private static EntryPath pathInTree(ManifestEntry entry) {
        return entry.path()
                .withoutFirst()
                .orElseThrow(() -> new IllegalArgumentException("a tree itself is no file: " + entry.path()));
    }

    public List<EntryPath> paths() {
        return files.stream().map(Item::path).toList();
    }

    /** The files' sizes together; throws {@link ArithmeticException} where no disk could hold them. */
    public long totalBytes() {
        long total = 0;
        for (var file : files) {
            total = Math.addExact(total, file.sizeBytes());
        }
        return total;
    }

    /** The size of the largest file; 0 when there is none. */
    public long largestBytes() {
        return files.stream().mapToLong(Item::sizeBytes).max().orElse(0);
    }
}
