package io.lockstep.mode;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Resolution;
import io.lockstep.generation.View;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What each path has been since the base generation. Tells whether a share that came back was written by others: it
 * was not, when every path is as in some generation from the base on.
 *
 * <p>Holds the base and the states of the paths that changed since, not every manifest. Immutable.
 */
public final class Lineage {
    private final Manifest base;
    private final Map<EntryPath, Set<Optional<ManifestEntry>>> changed;

    private Lineage(Manifest base, Map<EntryPath, Set<Optional<ManifestEntry>>> changed) {
        this.base = base;
        this.changed = changed;
    }

    /** The lineage that so far consists of the base alone. */
    public static Lineage startingAt(Manifest base) {
        return new Lineage(base, Map.of());
    }

    /** The lineage with one more generation; {@code before} is the last one so far. */
    public Lineage extended(Manifest before, Manifest after) {
        var more = new HashMap<>(changed);
        for (var difference : ManifestDiff.between(before, after).differences()) {
            var states = new HashSet<>(more.getOrDefault(difference.path(), Set.of()));
            states.add(difference.reference());
            states.add(difference.actual());
            more.put(difference.path(), Set.copyOf(states));
        }
        return new Lineage(base, Map.copyOf(more));
    }

    /**
     * The paths at which {@code share} shows what no generation since the base had, sorted; empty means that the
     * share only lags. A path that can't be told is such a path, save a link or the like where no generation had an
     * entry: it is never replicated and hides nothing.
     */
    public List<EntryPath> foreignPaths(View share) {
        return foreignPaths(share, Resolution.EXACT);
    }

    /** The same for a share that can't tell everything: what it shows is known as far as it can tell. */
    public List<EntryPath> foreignPaths(View share, Resolution resolution) {
        var foreign = new TreeSet<EntryPath>();
        for (var spot : share.blindSpots().entrySet()) {
            if (!spot.getValue().hidesOnlyEntries() || everHad(spot.getKey())) {
                foreign.add(spot.getKey());
            }
        }
        for (var difference : ManifestDiff.between(base, share.manifest()).differences()) {
            var path = difference.path();
            if (share.blindAt(path) != null || !isKnown(path, difference.actual(), resolution)) {
                foreign.add(path);
            }
        }
        return new ArrayList<>(foreign);
    }

    /** Whether some generation since the base had this state at {@code path}, as far as the share can tell. */
    public boolean isKnown(EntryPath path, Optional<ManifestEntry> state, Resolution resolution) {
        return resolution.isSame(base.find(path), state)
                || changed.getOrDefault(path, Set.of()).stream().anyMatch(was -> resolution.isSame(was, state));
    }

    /** The generation that it starts at. */
    public Manifest base() {
        return base;
    }

    private boolean everHad(EntryPath path) {
        return base.find(path).isPresent()
                || changed.getOrDefault(path, Set.of()).stream().anyMatch(Optional::isPresent);
    }
}
