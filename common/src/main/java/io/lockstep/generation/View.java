package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a node sees of all its trees at one look: the entries it could read, and the blind spots where it can't tell.
 *
 * <p>A path that is neither in the manifest nor a blind spot was absent. A blind spot is unknown, which is neither
 * absent nor changed, and so is everything below it.
 *
 * @param manifest the readable files and directories; paths start with the tree's name
 * @param blindSpots why a path can't be told, by path
 */
public record View(Manifest manifest, SortedMap<EntryPath, BlindSpot> blindSpots) {
    /** Why a path can't be told. */
    public enum BlindSpot {
        /** There, and could not be read. */
        UNREADABLE,
        /** There, and it kept changing while it was read. */
        UNSTABLE,
        /** There is a link, FIFO, socket or device, which is never followed, opened or replicated. */
        SPECIAL,
        /**
         * Not there, and beside it lies the copy that a Gateway makes when it can't deploy the file and renames it
         * ({@code X.back}, {@code X.1.back}). That is no deletion: nobody wanted the file gone.
         */
        BACKED_UP;

        /** Whether the spot hides something only where a reference has an entry: beside its entries it does no harm. */
        public boolean hidesOnlyEntries() {
            return this == SPECIAL || this == BACKED_UP;
        }
    }

    public View {
        blindSpots = Collections.unmodifiableSortedMap(new TreeMap<>(blindSpots));
    }

    /** A view of nothing: no tree, no entry. */
    public static View empty() {
        return new View(Manifest.empty(), new TreeMap<>());
    }

    /** The view without blind spots that shows exactly {@code manifest}. */
    public static View of(Manifest manifest) {
        return new View(manifest, new TreeMap<>());
    }

    /**
     * The view that these scans give.
     *
     * @param inventories by the tree's name
     * @param previous an earlier view of the same trees, whose entries and digests are taken over where they are equal
     */
    public static View of(Map<String, Inventory> inventories, View previous) {
        var entries = new ArrayList<ManifestEntry>();
        var blind = new TreeMap<EntryPath, BlindSpot>();
        for (var tree : inventories.entrySet()) {
            var root = EntryPath.of(tree.getKey());
            entries.add(ManifestEntry.directory(root, ROOT_MODE));
            for (var finding : tree.getValue().findings()) {
                if (isTooLong(root, finding.path())) {
                    blind.put(nearestThatFits(root, finding.path()), BlindSpot.UNREADABLE);
                    continue;
                }
                var path = root.resolve(finding.path());
                if (finding instanceof Finding.RegularFile file) {
                    var stamp = file.stamp();
                    entries.add(ManifestEntry.file(
                            path, file.mode(), stamp.sizeBytes(), stamp.mtimeNanos(), file.digest()));
                } else if (finding instanceof Finding.Directory directory) {
                    entries.add(ManifestEntry.directory(path, directory.mode()));
                } else {
                    blindSpot(finding).ifPresent(kind -> blind.put(path, kind));
                    if (finding instanceof Finding.Reported) {
                        backedUp(path).ifPresent(original -> blind.putIfAbsent(original, BlindSpot.BACKED_UP));
                    }
                }
            }
        }
        entries.sort((a, b) -> a.path().compareTo(b.path()));
        // A file that is there again beside an old copy of it can be told.
        entries.forEach(entry -> blind.remove(entry.path(), BlindSpot.BACKED_UP));
        return new View(Manifest.like(previous.manifest(), entries), blind);
    }

    /** A tree may hold longer paths than a manifest, which adds the tree's name: then their directory can't be told. */
    private static EntryPath nearestThatFits(EntryPath root, EntryPath path) {
        var above = path.parent();
        while (above.isPresent() && isTooLong(root, above.get())) {
            above = above.get().parent();
        }
        return above.map(root::resolve).orElse(root);
    }

    private static boolean isTooLong(EntryPath root, EntryPath path) {
        return root.length() + 1 + path.length() > EntryPath.MAX_BYTES;
    }

    /** What a Gateway's copy at {@code path} was called before; empty when the name is not of that form. */
    private static Optional<EntryPath> backedUp(EntryPath path) {
        var name = new String(path.name(), StandardCharsets.ISO_8859_1);
        var match = BACK_NAME.matcher(name);
        return match.matches()
                ? path.parent().map(parent -> parent.child(match.group(1).getBytes(StandardCharsets.ISO_8859_1)))
                : Optional.empty();
    }

    private static Optional<BlindSpot> blindSpot(Finding finding) {
        if (finding instanceof Finding.Special) {
            return Optional.of(BlindSpot.SPECIAL);
        }
        if (finding instanceof Finding.Unreadable) {
            return Optional.of(BlindSpot.UNREADABLE);
        }
        // What the filter leaves out is no part of the tree, and hides nothing of it.
        return finding instanceof Finding.Unstable ? Optional.of(BlindSpot.UNSTABLE) : Optional.empty();
    }

    /** {@code X.back} and, when that is taken, {@code X.1.back} and so on: what Synapse 3 was seen to do. */
    private static final Pattern BACK_NAME = Pattern.compile("(.+?)(?:\\.[0-9]+)?\\.back", Pattern.DOTALL);

    /** A tree's root has no identity of its own: each host sets its mode. */
    private static final int ROOT_MODE = 0;

    /** Why {@code path} can't be told, or null when it can: then the manifest has it or it is absent. */
    public @Nullable BlindSpot blindAt(EntryPath path) {
        if (blindSpots.isEmpty()) {
            return null;
        }
        var found = blindSpots.get(path);
        if (found != null) {
            return found;
        }
        return path.parent().map(this::blindAt).orElse(null);
    }

    /** Whether every path can be told. */
    public boolean isComplete() {
        return blindSpots.isEmpty();
    }

    /**
     * The same view, in which every file that a Gateway renamed is as {@code reference} has it: writing it again would
     * only make the Gateway rename it again.
     */
    public View withBackedUpAs(Manifest reference) {
        var renamed = blindSpots.entrySet().stream()
                .filter(spot -> spot.getValue() == BlindSpot.BACKED_UP)
                .flatMap(spot -> reference.find(spot.getKey()).filter(ManifestEntry::isFile).stream())
                .toList();
        if (renamed.isEmpty()) {
            return this;
        }
        var entries = new ArrayList<>(manifest.entries());
        entries.addAll(renamed);
        entries.sort((a, b) -> a.path().compareTo(b.path()));
        return new View(Manifest.like(manifest, entries), blindSpots);
    }

    /** Whether nothing hides what a reference has: links and the like beside it hide nothing. */
    public boolean canTellAll(Manifest reference) {
        return blindSpots.entrySet().stream()
                .allMatch(spot -> spot.getValue().hidesOnlyEntries()
                        && reference.find(spot.getKey()).isEmpty());
    }

    /** The blind spots of one kind, sorted. */
    public List<EntryPath> blind(BlindSpot kind) {
        return blindSpots.entrySet().stream()
                .filter(spot -> spot.getValue() == kind)
                .map(Map.Entry::getKey)
                .toList();
    }
}
