package io.lockstep.reconcile;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What becomes of two trees that went their own ways since a common base.
 *
 * <p>For each path: where only one side changed it, that side's state is taken, a deletion too. Where one side deleted
 * it and the other changed it, the change stays. Where both changed it to different content, the live side's is live
 * and the share's is a conflict. The same content with another mode or time is no conflict: the live side's stays.
 *
 * <p>Nothing that either side wrote is lost: it is in {@link #merged} at its path, or it is a listed conflict.
 *
 * <p>A merge needs no plan that outlives its manager: while the share is being brought to {@link #merged}, the merge of
 * that with whatever the share shows by then is {@link #merged} again, and has no conflict that the first one had not.
 *
 * @param merged what all nodes get
 * @param conflicts the share's files that are not in {@code merged}, sorted by path; their content goes to the conflict
 *     store
 */
public record ThreeWayMerge(Manifest merged, List<ManifestEntry> conflicts) {
    public ThreeWayMerge {
        conflicts = List.copyOf(conflicts);
    }

    /**
     * Merges what the cluster has and what the share has.
     *
     * @param base the generation at which the share was last known to be equal
     * @param live what the cluster has now
     * @param share what the share shows now, all of it told
     */
    public static ThreeWayMerge of(Manifest base, Manifest live, Manifest share) {
        return of(base, live, share, (path, state) -> state.equals(base.find(path)));
    }

    /**
     * The same for a share that may lag at some paths.
     *
     * @param isOld whether the share's state at a path is none that somebody gave it since the base: the base's, or one
     *     that the live side has had since
     */
    public static ThreeWayMerge of(Manifest base, Manifest live, Manifest share, Old isOld) {
        return of(base, live, share, isOld, file -> false);
    }

    /**
     * The same for a share that has files which no generation may have.
     *
     * @param isRefused whether a file that somebody wrote to the share is one of those: it is a conflict, whatever the
     *     live side has
     */
    public static ThreeWayMerge of(
            Manifest base, Manifest live, Manifest share, Old isOld, Predicate<ManifestEntry> isRefused) {
        var merge = new Merging(base, live, share, isOld, isRefused);
        ManifestDiff.between(live, share).differences().forEach(merge::choose);
        merge.rootAll();
        return new ThreeWayMerge(
                Manifest.like(live, new ArrayList<>(merge.merged.values())), new ArrayList<>(merge.conflicts.values()));
    }

    /** Tells what the share has not changed. */
    public interface Old {
        /** Whether this state of the share at {@code path} is no change. */
        boolean isOld(EntryPath path, Optional<ManifestEntry> state);
    }

    /** A merge under way. */
    private static final class Merging {
        private final Manifest base;
        private final Manifest live;
        private final Manifest share;
        private final Old old;
        private final Predicate<ManifestEntry> refused;
        private final TreeMap<EntryPath, ManifestEntry> merged = new TreeMap<>();
        private final TreeMap<EntryPath, ManifestEntry> conflicts = new TreeMap<>();
        private final Set<EntryPath> fromShare = new HashSet<>();

        Merging(Manifest base, Manifest live, Manifest share, Old old, Predicate<ManifestEntry> refused) {
            this.base = base;
            this.live = live;
            this.share = share;
            this.old = old;
            this.refused = refused;
            live.entries().forEach(entry -> merged.put(entry.path(), entry));
        }

        /** Decides one path at which live ({@code reference}) and share ({@code actual}) differ. */
        void choose(ManifestDiff.Difference difference) {
            var path = difference.path();
            var before = base.find(path);
            var ofLive = difference.reference();
            var ofShare = difference.actual();
            if (old.isOld(path, ofShare)) {
                return;
            }
            if (ofShare.filter(ManifestEntry::isFile).filter(refused).isPresent()) {
                conflicts.put(path, ofShare.get());
                return;
            }
            if (ofLive.equals(before)) {
                take(path, ofShare);
            } else if (ofLive.isEmpty()) {
                // The live side deleted what the share changed: the change stays.
                take(path, ofShare);
            } else if (ofShare.isPresent() && isConflict(ofLive.get(), ofShare.get())) {
                conflicts.put(path, ofShare.get());
            }
        }

        private static boolean isConflict(ManifestEntry ofLive, ManifestEntry ofShare) {
            return ofShare.isFile() && !ofShare.hasContentOf(ofLive);
        }

        private void take(EntryPath path, Optional<ManifestEntry> ofShare) {
            if (ofShare.isPresent()) {
                merged.put(path, ofShare.get());
                fromShare.add(path);
            } else {
                merged.remove(path);
            }
        }

        /** Sees to it that every entry lies in directories, which two choices at two paths do not by themselves. */
        void rootAll() {
            for (var path : List.copyOf(merged.keySet())) {
                root(path);
            }
        }

        private void root(EntryPath path) {
            for (var above : ancestors(path)) {
                var there = merged.get(above);
                if (there == null) {
                    // One side deleted the directory in which the other changed something.
                    merged.put(above, directory(above));
                } else if (there.isFile() && fromShare.contains(path)) {
                    drop(path);
                    return;
                } else if (there.isFile()) {
                    // A file of the share stands where the live side has changed something in a directory.
                    conflicts.put(above, there);
                    fromShare.remove(above);
                    merged.put(above, directory(above));
                }
            }
        }

        /** An entry of the share below what is a file on the live side. */
        private void drop(EntryPath path) {
            var entry = merged.remove(path);
            fromShare.remove(path);
            if (entry != null && entry.isFile()) {
                conflicts.put(path, entry);
            }
        }

        private ManifestEntry directory(EntryPath path) {
            return live.find(path)
                    .filter(entry -> !entry.isFile())
                    .or(() -> share.find(path).filter(entry -> !entry.isFile()))
                    .orElseThrow(() -> new IllegalStateException("no side has the directory " + path));
        }

        /** The directories above a path, the tree's root first. */
        private static List<EntryPath> ancestors(EntryPath path) {
            var above = new ArrayList<EntryPath>();
            for (var next = path.parent(); next.isPresent(); next = next.get().parent()) {
                above.add(0, next.get());
            }
            return above;
        }
    }
}
