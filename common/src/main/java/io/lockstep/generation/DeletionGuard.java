package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Refuses a generation that would delete too much of a tree at once: too many files, all files of one artifact kind, or
 * everything. Content that only moved is no deletion ({@link PlanChanges}).
 *
 * @param maxFiles this many deleted files of one tree always pass, 0 or more, unless the tree or a kind would be empty
 * @param maxShare and this share of the tree's files too, 0 to 1; the larger of the two counts
 * @param kindFiles a tree's files of one artifact kind, such as its APIs, are never all deleted when they are this many
 *     or more, 1 or more
 */
public record DeletionGuard(int maxFiles, double maxShare, int kindFiles) {
    public DeletionGuard {
        if (maxFiles < 0 || !(maxShare >= 0 && maxShare <= 1) || kindFiles < 1) {
            throw new IllegalArgumentException(
                    "guard out of range: " + maxFiles + " files, share " + maxShare + ", kind of " + kindFiles);
        }
    }

    /** A guard that lets no artifact kind go to zero, even one of a single file. */
    public DeletionGuard(int maxFiles, double maxShare) {
        this(maxFiles, maxShare, 1);
    }

    /** More than 10 files and more than 20 % of a tree, any artifact kind to zero, or an empty tree. */
    public static DeletionGuard standard() {
        return new DeletionGuard(10, 0.2);
    }

    /**
     * A tree whose plan exceeds the guard.
     *
     * @param deletions files that the plan deletes; a move is none
     * @param before files that the tree has now
     * @param kind the artifact kind that would have no file any more, when that is what exceeds
     */
    public record Excess(String tree, int deletions, int before, Optional<String> kind) {
        public Excess(String tree, int deletions, int before) {
            this(tree, deletions, before, Optional.empty());
        }
    }

    /** The first tree, by name, of which {@code next} lacks too many of {@code reference}'s files. */
    public Optional<Excess> check(Manifest reference, Manifest next) {
        if (reference.root().equals(next.root())) {
            return Optional.empty();
        }
        var before = new TreeMap<EntryPath, Integer>();
        var remaining = new HashMap<EntryPath, Integer>();
        var deleted = new HashMap<EntryPath, Integer>();
        count(reference, before);
        count(next, remaining);
        var deletions = PlanChanges.between(reference, next).deleted();
        deletions.forEach(path -> deleted.merge(path.first(), 1, Integer::sum));
        var kindOver = emptiedKinds(reference, next, deletions);
        for (Map.Entry<EntryPath, Integer> tree : before.entrySet()) {
            int gone = deleted.getOrDefault(tree.getKey(), 0);
            boolean emptied = !remaining.containsKey(tree.getKey());
            boolean tooMany = emptied || gone > Math.max(maxFiles, allowedShare(tree.getValue()));
            var kind = Optional.ofNullable(kindOver.get(tree.getKey()));
            if (tooMany || kind.isPresent()) {
                return Optional.of(
                        new Excess(tree.getKey().toString(), gone, tree.getValue(), tooMany ? Optional.empty() : kind));
            }
        }
        return Optional.empty();
    }

    /** Files of one kind in one tree. */
    private record Kind(EntryPath tree, ArtifactKind kind) {}

    /** The first kind, by name, of each tree that has files now and would have none, for a file that is deleted. */
    private Map<EntryPath, String> emptiedKinds(Manifest reference, Manifest next, Iterable<EntryPath> deletions) {
        var touched = new HashSet<Kind>();
        deletions.forEach(path -> kindOf(path).ifPresent(touched::add));
        if (touched.isEmpty()) {
            return Map.of();
        }
        var before = kinds(reference, touched);
        var after = kinds(next, touched);
        var emptied = new HashMap<EntryPath, String>();
        touched.stream()
                .filter(kind -> !after.containsKey(kind) && before.getOrDefault(kind, 0) >= kindFiles)
                .sorted(Comparator.comparing(kind -> kind.kind().name()))
                .forEach(kind -> emptied.putIfAbsent(kind.tree(), kind.kind().name()));
        return emptied;
    }

    private static Map<Kind, Integer> kinds(Manifest manifest, Set<Kind> wanted) {
        var counts = new HashMap<Kind, Integer>();
        for (var entry : manifest.entries()) {
            if (entry.isFile()) {
                kindOf(entry.path()).filter(wanted::contains).ifPresent(kind -> counts.merge(kind, 1, Integer::sum));
            }
        }
        return counts;
    }

    private static Optional<Kind> kindOf(EntryPath path) {
        // The tree's own name is no deployment directory.
        return path.withoutFirst().flatMap(ArtifactKind::of).map(kind -> new Kind(path.first(), kind));
    }

    /** How many deleted files of a tree with as many files as {@code manifest} pass. */
    public int most(Manifest manifest) {
        return (int) Math.max(maxFiles, allowedShare(manifest.fileCount()));
    }

    private double allowedShare(long files) {
        // 0.29 * 100 is 28.999999999999996 in binary, and 29 files of 100 are no more than 29 %.
        return Math.floor(maxShare * files + 1e-6);
    }

    private static void count(Manifest manifest, Map<EntryPath, Integer> filesByTree) {
        for (var entry : manifest.entries()) {
            if (entry.isFile()) {
                filesByTree.merge(entry.path().first(), 1, Integer::sum);
            }
        }
    }
}
