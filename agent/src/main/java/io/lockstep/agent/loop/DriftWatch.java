package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.DriftSummary;
import io.lockstep.cluster.Hold;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.View;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Confirms drift: a path that differs from the reference is reported when a look at least the grace later still finds
 * it so.
 */
final class DriftWatch {
    private Map<EntryPath, Instant> firstSeen = new HashMap<>();
    private Instant lastLookAt = Instant.MIN;
    private Optional<Manifest> lastReference = Optional.empty();
    private Confirmed confirmed = new Confirmed(DriftSummary.NONE, List.of());

    /** Confirmed drift, with at most {@link Hold#MAX_PATHS} of its paths. */
    record Confirmed(DriftSummary summary, List<EntryPath> paths) {}

    Confirmed confirmed() {
        return confirmed;
    }

    /**
     * Takes a look at what the Gateway reads.
     *
     * @param applied what a replica is known to lag at: a path that is as in this manifest is late, not adrift; empty
     *     for a mount, which has nothing to lag behind
     * @param grace how long a difference may last
     */
    void look(LookHistory.Look look, Manifest reference, Optional<Manifest> applied, Duration grace) {
        if (look.at().equals(lastLookAt) && lastReference.equals(Optional.of(reference))) {
            return;
        }
        lastLookAt = look.at();
        lastReference = Optional.of(reference);
        var differing = differing(look.view(), reference, applied);
        var seen = new HashMap<EntryPath, Instant>();
        differing.keySet().forEach(path -> seen.put(path, firstSeen.getOrDefault(path, look.at())));
        firstSeen = seen;
        confirmed = confirm(differing, look.at(), grace);
    }

    /** Forgets everything: what the Gateway reads is another copy now. */
    void forget() {
        firstSeen = new HashMap<>();
        lastLookAt = Instant.MIN;
        confirmed = new Confirmed(DriftSummary.NONE, List.of());
    }

    /** Empty for a path that can't be told. */
    private static Map<EntryPath, Optional<ManifestDiff.Kind>> differing(
            View view, Manifest reference, Optional<Manifest> applied) {
        var found = new TreeMap<EntryPath, Optional<ManifestDiff.Kind>>();
        for (var spot : view.blindSpots().entrySet()) {
            // A link beside the reference's entries is reported elsewhere; it hides nothing.
            if (!spot.getValue().hidesOnlyEntries()
                    || reference.find(spot.getKey()).isPresent()) {
                found.put(spot.getKey(), Optional.empty());
            }
        }
        for (var difference : ManifestDiff.between(reference, view.manifest()).differences()) {
            var path = difference.path();
            boolean isLate = applied.isPresent() && applied.get().find(path).equals(difference.actual());
            if (view.blindAt(path) == null && !isLate) {
                found.put(path, Optional.of(difference.kind()));
            }
        }
        return found;
    }

    private Confirmed confirm(Map<EntryPath, Optional<ManifestDiff.Kind>> differing, Instant now, Duration grace) {
        Set<EntryPath> lasting = new HashSet<>();
        firstSeen.forEach((path, since) -> {
            if (Duration.between(since, now).compareTo(grace) >= 0) {
                lasting.add(path);
            }
        });
        int missing = 0;
        int extra = 0;
        int changed = 0;
        int unknown = 0;
        for (var entry : differing.entrySet()) {
            if (!lasting.contains(entry.getKey())) {
                continue;
            }
            var kind = entry.getValue();
            if (kind.isEmpty()) {
                unknown++;
                continue;
            }
            switch (kind.get()) {
                case MISSING -> missing++;
                case EXTRA -> extra++;
                case CHANGED -> changed++;
            }
        }
        var paths = differing.keySet().stream()
                .filter(lasting::contains)
                .limit(Hold.MAX_PATHS)
                .toList();
        return new Confirmed(new DriftSummary(missing, extra, changed, unknown), paths);
    }
}
