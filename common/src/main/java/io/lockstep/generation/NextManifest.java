package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The manifest that an authority's two latest looks allow as the successor of the reference.
 *
 * <p>A path takes part when both looks could tell it and agree: then it is settled, and its entry, or its absence, is
 * taken. Otherwise it keeps what the reference has: nothing is deleted or changed for a path that is unreadable,
 * special, or still being written.
 *
 * @param manifest the successor; the reference itself where nothing settled has changed
 * @param heldBack the paths that keep the reference's state for now, sorted
 */
public record NextManifest(Manifest manifest, List<EntryPath> heldBack) {
    public NextManifest {
        heldBack = List.copyOf(heldBack);
    }

    /** Computes the successor of {@code reference} from two looks at the authority, older first. */
    public static NextManifest after(Manifest reference, View older, View newer) {
        var paths = new TreeSet<EntryPath>();
        differing(reference, older, paths);
        differing(reference, newer, paths);
        if (paths.isEmpty()) {
            return new NextManifest(reference, List.of());
        }
        var heldBack = new ArrayList<EntryPath>();
        var replaced = new HashSet<EntryPath>();
        var entries = new ArrayList<ManifestEntry>(reference.size() + paths.size());
        for (var path : paths) {
            if (!isSettled(path, older, newer)) {
                heldBack.add(path);
                continue;
            }
            replaced.add(path);
            newer.manifest().find(path).ifPresent(entries::add);
        }
        for (var entry : reference.entries()) {
            if (!replaced.contains(entry.path())) {
                entries.add(entry);
            }
        }
        var rooted = new TreeMap<EntryPath, ManifestEntry>();
        entries.sort((a, b) -> a.path().compareTo(b.path()));
        for (var entry : entries) {
            if (isRooted(entry.path(), rooted)) {
                rooted.put(entry.path(), entry);
            } else {
                heldBack.add(entry.path());
            }
        }
        heldBack.sort(null);
        return new NextManifest(Manifest.like(newer.manifest(), new ArrayList<>(rooted.values())), heldBack);
    }

    private static void differing(Manifest reference, View look, Set<EntryPath> into) {
        ManifestDiff.between(reference, look.manifest()).differences().forEach(d -> into.add(d.path()));
        into.addAll(look.blindSpots().keySet());
    }

    private static boolean isSettled(EntryPath path, View older, View newer) {
        return older.blindAt(path) == null
                && newer.blindAt(path) == null
                && older.manifest().find(path).equals(newer.manifest().find(path));
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
