package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a plan does to the files of the reference. Content that only moves within its tree is no deletion, and neither an
 * addition: each new path excuses one file with the same bytes that is gone.
 *
 * @param added files at new paths, with bytes that are new there
 * @param changed files with other bytes, another mode or another time
 * @param deleted files that are gone with their content
 * @param moved files whose content is at a new path of the same tree
 */
public record PlanChanges(
        List<EntryPath> added, List<EntryPath> changed, List<EntryPath> deleted, List<EntryPath> moved) {
    public PlanChanges {
        added = List.copyOf(added);
        changed = List.copyOf(changed);
        deleted = List.copyOf(deleted);
        moved = List.copyOf(moved);
    }

    /**
     * How many files of each.
     *
     * @param before files that the reference has in all the trees
     */
    public record Counts(int added, int changed, int deleted, int moved, int before) {
        /** Of no plan. */
        public static final Counts NONE = new Counts(0, 0, 0, 0, 0);
    }

    /** What {@code next} makes of {@code reference}; every list is sorted. */
    public static PlanChanges between(Manifest reference, Manifest next) {
        var differences = ManifestDiff.between(reference, next).differences();
        var arrived = new HashMap<Arrival, Integer>();
        for (var difference : differences) {
            if (difference.kind() == ManifestDiff.Kind.EXTRA) {
                difference.actual().flatMap(Arrival::of).ifPresent(it -> arrived.merge(it, 1, Integer::sum));
            }
        }
        var added = new ArrayList<EntryPath>();
        var changed = new ArrayList<EntryPath>();
        var deleted = new ArrayList<EntryPath>();
        var moved = new ArrayList<EntryPath>();
        var excused = new HashMap<Arrival, Integer>();
        for (var difference : differences) {
            var gone = difference.reference().filter(ManifestEntry::isFile);
            var there = difference.actual().filter(ManifestEntry::isFile);
            if (gone.isPresent() && there.isPresent()) {
                changed.add(difference.path());
            } else if (gone.isPresent()) {
                var arrival = Arrival.of(gone.get()).orElseThrow();
                boolean isMove = take(arrival, arrived);
                if (isMove) {
                    excused.merge(arrival, 1, Integer::sum);
                }
                (isMove ? moved : deleted).add(difference.path());
            }
        }
        for (var difference : differences) {
            boolean isFile = difference.actual().filter(ManifestEntry::isFile).isPresent();
            boolean wasFile =
                    difference.reference().filter(ManifestEntry::isFile).isPresent();
            if (isFile && !wasFile) {
                boolean isArrival = difference.kind() == ManifestDiff.Kind.EXTRA
                        && take(Arrival.of(difference.actual().orElseThrow()).orElseThrow(), excused);
                if (!isArrival) {
                    added.add(difference.path());
                }
            }
        }
        return new PlanChanges(added, changed, deleted, moved);
    }

    /** The numbers, for a plan against {@code reference}. */
    public Counts counts(Manifest reference) {
        return new Counts(added.size(), changed.size(), deleted.size(), moved.size(), (int) reference.fileCount());
    }

    /** Content that a tree has at a path where the reference has nothing. */
    private record Arrival(EntryPath tree, Digest digest) {
        static Optional<Arrival> of(ManifestEntry entry) {
            return entry.digest().map(digest -> new Arrival(entry.path().first(), digest));
        }
    }

    /** Takes one of what is left, so that it excuses nothing else. */
    private static boolean take(Arrival arrival, Map<Arrival, Integer> left) {
        boolean isThere = left.containsKey(arrival);
        left.computeIfPresent(arrival, (key, count) -> count == 1 ? null : count - 1);
        return isThere;
    }
}
