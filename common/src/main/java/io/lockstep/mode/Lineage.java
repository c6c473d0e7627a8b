package io.lockstep.mode;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a share that came back was written by others: it was not, when every path is as in some generation
 * from the base on.
 */
public final class Lineage {
    private Lineage() {}

    /**
     * The paths at which {@code share} shows what no generation since the base had, sorted; empty means that the
     * share only lags. A path that can't be told is such a path, save a link or the like where no generation had an entry:
     * it is never replicated and hides nothing.
     *
     * @param generations the manifests from the base to the reference, oldest first; at least one
     */
    public static List<EntryPath> foreignPaths(List<Manifest> generations, View share) {
        if (generations.isEmpty()) {
            throw new IllegalArgumentException("a lineage has at least the base");
        }
        var base = generations.get(0);
        var foreign = new TreeSet<EntryPath>();
        for (var difference : ManifestDiff.between(base, share.manifest()).differences()) {
            var actual = difference.actual().orElse(null);
            boolean known = share.blindAt(difference.path()) == null
                    && generations.stream().anyMatch(g -> isAt(g, difference.path(), actual));
            if (!known) {
                foreign.add(difference.path());
            }
        }
        for (var spot : share.blindSpots().entrySet()) {
            var path = spot.getKey();
            boolean hidesNothing = spot.getValue() == View.BlindSpot.SPECIAL
                    && generations.stream().allMatch(g -> g.find(path).isEmpty());
            if (!hidesNothing) {
                foreign.add(path);
            }
        }
        return List.copyOf(foreign);
    }

    private static boolean isAt(Manifest generation, EntryPath path, @Nullable ManifestEntry entry) {
        return Objects.equals(generation.find(path).orElse(null), entry);
    }
}
