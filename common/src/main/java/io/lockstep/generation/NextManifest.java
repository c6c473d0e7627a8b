package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.HeldBack.Why;
import io.lockstep.generation.View.BlindSpot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The manifest that an authority's two latest looks allow as the successor of the reference.
 *
 * <p>A path takes part when both looks could tell it and agree: then it is settled, and its entry, or its absence, is
 * taken, unless its content is refused. Otherwise it keeps what the reference has: nothing is deleted or changed for a
 * path that is unreadable, special, invalid, or still being written.
 *
 * <p>The files of one artifact settle together: while one of them has not, none of their changes is taken. And while
 * one is held back for whatever reason, none of them is deleted: the last good version of an API may need a sequence
 * that its invalid new version does not.
 *
 * @param manifest the successor; the reference itself where nothing settled has changed
 * @param heldBack the paths that keep the reference's state for now, sorted by path, each once
 */
public record NextManifest(Manifest manifest, List<HeldBack> heldBack) {
    private static final Set<Why> PASSING = EnumSet.of(Why.UNSETTLED, Why.BEING_WRITTEN);

    public NextManifest {
        heldBack = List.copyOf(heldBack);
    }

    /** Computes the successor of {@code reference} from two looks at the authority, older first. */
    public static NextManifest after(Manifest reference, View older, View newer) {
        return after(reference, older, newer, Restraints.NONE);
    }

    /** As {@link #after(Manifest, View, View)}, under restraints. */
    public static NextManifest after(Manifest reference, View older, View newer, Restraints restraints) {
        var paths = new TreeSet<EntryPath>();
        differing(reference, older, paths);
        differing(reference, newer, paths);
        if (paths.isEmpty()) {
            return new NextManifest(reference, List.of());
        }
        var held = new TreeMap<EntryPath, HeldBack>();
        for (var path : paths) {
            var why = whyNot(path, older, newer, restraints);
            if (why != null) {
                held.put(path, why);
            }
        }
        holdArtifactsTogether(paths, held, reference, newer.manifest(), restraints);
        holdDirectoriesOfWhatStays(held, reference, newer.manifest());
        return of(reference, newer.manifest(), paths, held);
    }

    private static NextManifest of(
            Manifest reference, Manifest seen, Set<EntryPath> paths, TreeMap<EntryPath, HeldBack> held) {
        var replaced = new HashSet<EntryPath>();
        var entries = new ArrayList<ManifestEntry>(reference.size() + paths.size());
        for (var path : paths) {
            if (!held.containsKey(path)) {
                replaced.add(path);
                seen.find(path).ifPresent(entries::add);
            }
        }
        for (var entry : reference.entries()) {
            if (!replaced.contains(entry.path())) {
                entries.add(entry);
            }
        }
        var rooted = new TreeMap<EntryPath, ManifestEntry>();
        entries.sort(Comparator.comparing(ManifestEntry::path));
        for (var entry : entries) {
            if (isRooted(entry.path(), rooted)) {
                rooted.put(entry.path(), entry);
            } else {
                held.putIfAbsent(entry.path(), new HeldBack(entry.path(), Why.NO_DIRECTORY, ""));
            }
        }
        return new NextManifest(Manifest.like(seen, new ArrayList<>(rooted.values())), new ArrayList<>(held.values()));
    }

    private static void differing(Manifest reference, View look, Set<EntryPath> into) {
        ManifestDiff.between(reference, look.manifest()).differences().forEach(d -> into.add(d.path()));
        into.addAll(look.blindSpots().keySet());
    }

    private static @Nullable HeldBack whyNot(EntryPath path, View older, View newer, Restraints restraints) {
        var spot = newer.blindAt(path);
        if (spot == null) {
            spot = older.blindAt(path);
        }
        if (spot != null) {
            return new HeldBack(path, whyOf(spot), "");
        }
        if (!older.manifest().find(path).equals(newer.manifest().find(path))) {
            return new HeldBack(path, Why.UNSETTLED, "");
        }
        var refusal = restraints.refusalAt(path, newer.manifest());
        return refusal == null ? null : new HeldBack(path, refusal.why(), refusal.detail());
    }

    private static Why whyOf(BlindSpot spot) {
        return switch (spot) {
            case UNREADABLE -> Why.UNREADABLE;
            case UNSTABLE -> Why.UNSETTLED;
            case SPECIAL -> Why.SPECIAL;
            case BACKED_UP -> Why.BACKED_UP;
        };
    }

    private static void holdArtifactsTogether(
            Set<EntryPath> paths,
            TreeMap<EntryPath, HeldBack> held,
            Manifest reference,
            Manifest seen,
            Restraints restraints) {
        var waiting = new HashMap<String, HeldBack>();
        var incomplete = new HashMap<String, HeldBack>();
        for (var one : held.values()) {
            restraints.artifactOf().apply(one.path()).ifPresent(artifact -> {
                incomplete.putIfAbsent(artifact, one);
                if (PASSING.contains(one.why())) {
                    waiting.putIfAbsent(artifact, one);
                }
            });
        }
        if (incomplete.isEmpty()) {
            return;
        }
        for (var path : paths) {
            var artifact = held.containsKey(path)
                    ? Optional.<String>empty()
                    : restraints.artifactOf().apply(path);
            if (artifact.isEmpty()) {
                continue;
            }
            boolean isDeletion =
                    seen.find(path).isEmpty() && reference.find(path).isPresent();
            var settling = waiting.get(artifact.get());
            var lacking = incomplete.get(artifact.get());
            if (settling != null) {
                held.put(path, new HeldBack(path, Why.UNSETTLED, "with " + settling.path()));
            } else if (lacking != null && isDeletion) {
                held.put(path, new HeldBack(path, Why.NEEDED, "with " + lacking.path()));
            }
        }
    }

    /** What stays although it is not seen any more keeps the directories that it lies in. */
    private static void holdDirectoriesOfWhatStays(
            TreeMap<EntryPath, HeldBack> held, Manifest reference, Manifest seen) {
        for (var one : List.copyOf(held.values())) {
            if (reference.find(one.path()).isEmpty()) {
                continue;
            }
            for (var above = one.path().parent();
                    above.isPresent() && !isDirectory(seen, above.get());
                    above = above.get().parent()) {
                held.putIfAbsent(above.get(), new HeldBack(above.get(), Why.NEEDED, "for " + one.path()));
            }
        }
    }

    private static boolean isDirectory(Manifest manifest, EntryPath path) {
        return manifest.find(path).filter(entry -> !entry.isFile()).isPresent();
    }

    /** Whether the directory of {@code path} settled too; a new directory may settle a look later than its content. */
    private static boolean isRooted(EntryPath path, Map<EntryPath, ManifestEntry> earlier) {
        var parent = path.parent();
        if (parent.isEmpty()) {
            return true;
        }
        var above = earlier.get(parent.get());
        return above != null && !above.isFile();
    }
}
