package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.digest.Digest;
import io.lockstep.digest.HashTrie;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The immutable, sorted, canonical list of entries of all trees of a node or of a generation.
 *
 * <p>Sorted by path, each path once, and every entry but a tree's root lies in a directory that the manifest holds.
 * The tree's name is the first component; a path of one component is the tree's own root directory. Two manifests
 * are equal exactly when their {@link #root()} digests are.
 */
public final class Manifest {
    private final List<ManifestEntry> entries;
    private final HashTrie trie;
    private final long fileCount;
    private final Map<Digest, ManifestEntry> byKey;
    private final List<HashTrie.Pair> pairsByPath;

    /**
     * A manifest of these sorted entries.
     *
     * @throws IllegalArgumentException when they are not sorted, a path is there twice, or an entry's parent is not a
     *     directory of the manifest
     */
    public Manifest(List<ManifestEntry> sorted) {
        this(sorted, null);
    }

    /**
     * A manifest of these sorted entries that takes over the digests of entries that {@code like} shares with it. Costs
     * two digests an entry that is not shared; otherwise the same as the other constructor.
     */
    public static Manifest like(Manifest like, List<ManifestEntry> sorted) {
        return new Manifest(sorted, like);
    }

    private Manifest(List<ManifestEntry> sorted, @Nullable Manifest like) {
        entries = List.copyOf(sorted);
        byKey = new HashMap<>(entries.size() * 4 / 3 + 1);
        var pairs = new ArrayList<HashTrie.Pair>(entries.size());
        var known = new SortedPairs(like);
        ManifestEntry previous = null;
        for (var entry : entries) {
            if (previous != null && previous.path().compareTo(entry.path()) >= 0) {
                throw new IllegalArgumentException("entries are not sorted, or name a path twice: " + entry.path());
            }
            requireParent(entry);
            var pair = known.pairOf(entry);
            byKey.put(pair.key(), entry);
            pairs.add(pair);
            previous = entry;
        }
        pairsByPath = pairs;
        trie = HashTrie.of(pairs);
        fileCount = entries.stream().filter(ManifestEntry::isFile).count();
    }

    /** Walks another manifest's pairs in step with a sorted list of entries. */
    private static final class SortedPairs {
        private final List<ManifestEntry> entries;
        private final List<HashTrie.Pair> pairs;
        private int next;

        SortedPairs(@Nullable Manifest like) {
            entries = like == null ? List.of() : like.entries;
            pairs = like == null ? List.of() : like.pairsByPath;
        }

        HashTrie.Pair pairOf(ManifestEntry entry) {
            while (next < entries.size() && entries.get(next).path().compareTo(entry.path()) < 0) {
                next++;
            }
            if (next < entries.size() && entries.get(next).equals(entry)) {
                return pairs.get(next);
            }
            return new HashTrie.Pair(entry.key(), entry.identity());
        }
    }

    private void requireParent(ManifestEntry entry) {
        var parent = entry.path().parent();
        if (parent.isEmpty()) {
            if (entry.type() != EntryType.DIRECTORY) {
                throw new IllegalArgumentException("a tree's root is a directory: " + entry.path());
            }
            return;
        }
        // A directory sorts before what lies in it, so it has been added already.
        var above = byKey.get(Digest.of(parent.get().bytes()));
        if (above == null || above.type() != EntryType.DIRECTORY) {
            throw new IllegalArgumentException("its parent is not a directory of the manifest: " + entry.path());
        }
    }

    /** A manifest of entries in any order; the same checks apply. */
    public static Manifest ofUnsorted(List<ManifestEntry> unsorted) {
        var sorted = new ArrayList<>(unsorted);
        sorted.sort((a, b) -> a.path().compareTo(b.path()));
        return new Manifest(sorted);
    }

    /** The manifest without an entry. */
    public static Manifest empty() {
        return new Manifest(List.of());
    }

    public List<ManifestEntry> entries() {
        return entries;
    }

    public int size() {
        return entries.size();
    }

    /** The digest that two manifests share exactly when they are equal. */
    public Digest root() {
        return trie.root();
    }

    public HashTrie trie() {
        return trie;
    }

    public Optional<ManifestEntry> find(EntryPath path) {
        return findByKey(Digest.of(path.bytes()));
    }

    /** The entry whose path has the digest {@code key}. */
    public Optional<ManifestEntry> findByKey(Digest key) {
        return Optional.ofNullable(byKey.get(key));
    }

    /** How many files there are, directories not counted. */
    public long fileCount() {
        return fileCount;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Manifest manifest && root().equals(manifest.root());
    }

    @Override
    public int hashCode() {
        return root().hashCode();
    }

    @Override
    public String toString() {
        return "Manifest[" + entries.size() + " entries, root " + root().abbreviated() + "]";
    }
}
