package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a restore of an earlier generation makes of the reference: a new generation, since history is never rewritten.
 *
 * @param manifest what all nodes are to have
 * @param changes what differs from the reference, as its paths would change
 */
public record Restoration(Manifest manifest, ManifestDiff changes) {
    /**
     * The whole of an earlier generation.
     *
     * @param reference what all nodes have now
     * @param earlier what they are to have again
     */
    public static Restoration of(Manifest reference, Manifest earlier) {
        var manifest = Manifest.like(reference, earlier.entries());
        return new Restoration(manifest, ManifestDiff.between(reference, manifest));
    }

    /**
     * One file or directory of an earlier generation, with all that lay in it; everything else stays.
     *
     * @param path the first component is the tree's name
     * @return empty when the earlier generation has nothing at {@code path}: what was not there can't be restored
     */
    public static Optional<Restoration> of(Manifest reference, Manifest earlier, EntryPath path) {
        if (earlier.find(path).isEmpty()) {
            return Optional.empty();
        }
        var entries = new TreeMap<EntryPath, ManifestEntry>();
        reference.entries().stream()
                .filter(entry -> !isAtOrBelow(entry.path(), path))
                .forEach(entry -> entries.put(entry.path(), entry));
        for (var above : ancestors(path)) {
            // What is a file now, where the restored path needs a directory, gives way to it.
            entries.merge(above, earlier.find(above).orElseThrow(), (now, then) -> now.isFile() ? then : now);
        }
        earlier.entries().stream()
                .filter(entry -> isAtOrBelow(entry.path(), path))
                .forEach(entry -> entries.put(entry.path(), entry));
        var manifest = Manifest.like(reference, new ArrayList<>(entries.values()));
        return Optional.of(new Restoration(manifest, ManifestDiff.between(reference, manifest)));
    }

    /**
     * A plan without what it deletes: its new and changed entries, and all that the reference has besides. Where a new
     * file stands in the way of what was deleted, what was deleted stays.
     *
     * @param plan what would become of the reference
     */
    public static Manifest withoutDeletions(Manifest reference, Manifest plan) {
        var entries = new TreeMap<EntryPath, ManifestEntry>();
        plan.entries().forEach(entry -> entries.put(entry.path(), entry));
        for (var entry : reference.entries()) {
            var planned = entries.get(entry.path());
            boolean standsInTheWay = planned != null && planned.type() != entry.type();
            if (planned == null || standsInTheWay) {
                if (entry.isFile()) {
                    entries.keySet().removeIf(path -> path.isBelow(entry.path()));
                }
                entries.put(entry.path(), entry);
            }
        }
        return Manifest.like(reference, new ArrayList<>(entries.values()));
    }

    private static boolean isAtOrBelow(EntryPath path, EntryPath top) {
        return path.equals(top) || path.isBelow(top);
    }

    private static List<EntryPath> ancestors(EntryPath path) {
        var above = new ArrayList<EntryPath>();
        for (var next = path.parent(); next.isPresent(); next = next.get().parent()) {
            above.add(0, next.get());
        }
        return above;
    }
}
