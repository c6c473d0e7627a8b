package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Refuses a generation that would delete too much of a tree at once.
 *
 * @param maxFiles this many deleted files of one tree always pass, 0 or more, unless the tree would be empty
 * @param maxShare and this share of the tree's files too, 0 to 1; the larger of the two counts
 */
public record DeletionGuard(int maxFiles, double maxShare) {
    public DeletionGuard {
        if (maxFiles < 0 || !(maxShare >= 0 && maxShare <= 1)) {
            throw new IllegalArgumentException("guard out of range: " + maxFiles + " files, share " + maxShare);
        }
    }

    /** More than 10 files and more than 20 % of a tree, or an empty tree. */
    public static DeletionGuard standard() {
        return new DeletionGuard(10, 0.2);
    }

    /**
     * A tree whose plan exceeds the guard.
     *
     * @param deletions files that the plan deletes; not counted is a move, which is a file whose content arrives at a new
     *     path of the same tree, each arrival for one file
     * @param before files that the tree has now
     */
    public record Excess(String tree, int deletions, int before) {}

    /** The first tree, by name, of which {@code next} lacks too many of {@code reference}'s files. */
    public Optional<Excess> check(Manifest reference, Manifest next) {
        if (reference.root().equals(next.root())) {
            return Optional.empty();
        }
        var before = new TreeMap<EntryPath, Integer>();
        var deleted = new HashMap<EntryPath, Integer>();
        var remaining = new HashMap<EntryPath, Integer>();
        count(next, remaining);
        count(reference, before);
        var arrived = new HashMap<Arrival, Integer>();
        var differences = ManifestDiff.between(reference, next).differences();
        for (var difference : differences) {
            if (difference.kind() == ManifestDiff.Kind.EXTRA) {
                difference.actual().flatMap(Arrival::of).ifPresent(it -> arrived.merge(it, 1, Integer::sum));
            }
        }
        for (var difference : differences) {
            var gone = difference.reference().filter(ManifestEntry::isFile);
            boolean isGone = difference.actual().filter(ManifestEntry::isFile).isEmpty();
            if (isGone && gone.isPresent() && !isMove(gone.get(), arrived)) {
                deleted.merge(difference.path().first(), 1, Integer::sum);
            }
        }
        for (Map.Entry<EntryPath, Integer> tree : before.entrySet()) {
            int deletions = deleted.getOrDefault(tree.getKey(), 0);
            boolean emptied = !remaining.containsKey(tree.getKey());
            if (emptied || deletions > Math.max(maxFiles, allowedShare(tree.getValue()))) {
                return Optional.of(new Excess(tree.getKey().toString(), deletions, tree.getValue()));
            }
        }
        return Optional.empty();
    }

    /** Content that a tree has at a path where the reference has nothing. */
    private record Arrival(EntryPath tree, Digest digest) {
        static Optional<Arrival> of(ManifestEntry entry) {
            return entry.digest().map(digest -> new Arrival(entry.path().first(), digest));
        }
    }

    /** Whether the content of {@code gone} arrived elsewhere; takes that arrival, so that it excuses no other file. */
    private static boolean isMove(ManifestEntry gone, Map<Arrival, Integer> arrived) {
        var arrival = Arrival.of(gone).orElseThrow();
        boolean isMove = arrived.containsKey(arrival);
        arrived.computeIfPresent(arrival, (key, left) -> left == 1 ? null : left - 1);
        return isMove;
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
