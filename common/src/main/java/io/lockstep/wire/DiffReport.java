package io.lockstep.wire;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.DriftSummary;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How a node's tree differs from the reference: the answer of {@code GET /v1/diff} and the result of a verify.
 *
 * @param what what was compared: {@code MOUNT}, {@code REPLICA} or {@code SHARE}
 * @param reference the generation it was held against
 * @param expectedEntries how many entries the reference has
 * @param rootDigest of what was seen
 * @param counts of all differing paths
 * @param lines sorted by path, at most {@value #MAX_LINES}
 */
public record DiffReport(
        NodeName node,
        String what,
        GenerationId reference,
        Digest referenceDigest,
        int expectedEntries,
        Digest rootDigest,
        DriftSummary counts,
        List<Line> lines) {
    /** The most lines of a report. */
    public static final int MAX_LINES = 10_000;

    public DiffReport {
        lines = List.copyOf(lines);
    }

    /**
     * One differing path.
     *
     * @param sign {@code -} missing, {@code +} extra, {@code *} changed, {@code ?} can't be told
     * @param detail what differs, for people
     */
    public record Line(String sign, EntryPath path, String detail) {}

    /** Compares a view with the reference. */
    public static DiffReport between(NodeName node, String what, GenerationId id, Manifest reference, View view) {
        var lines = new ArrayList<Line>();
        int missing = 0;
        int extra = 0;
        int changed = 0;
        for (var difference : ManifestDiff.between(reference, view.manifest()).differences()) {
            if (view.blindAt(difference.path()) != null) {
                continue;
            }
            switch (difference.kind()) {
                case MISSING -> missing++;
                case EXTRA -> extra++;
                case CHANGED -> changed++;
            }
            lines.add(line(difference));
        }
        int unknown = 0;
        for (var spot : view.blindSpots().entrySet()) {
            boolean hides = !spot.getValue().hidesOnlyEntries()
                    || reference.find(spot.getKey()).isPresent();
            if (hides) {
                unknown++;
            }
            lines.add(new Line("?", spot.getKey(), describe(spot.getValue())));
        }
        lines.sort(Comparator.comparing(Line::path));
        var counts = new DriftSummary(missing, extra, changed, unknown);
        var listed = lines.subList(0, Math.min(lines.size(), MAX_LINES));
        return new DiffReport(
                node,
                what,
                id,
                reference.root(),
                reference.size(),
                view.manifest().root(),
                counts,
                listed);
    }

    private static String describe(View.BlindSpot spot) {
        return switch (spot) {
            case UNREADABLE -> "can't be read";
            case UNSTABLE -> "keeps changing";
            case BACKED_UP -> "was renamed to .back by a Gateway that could not deploy it: see that Gateway's log";
            case SPECIAL -> "is a link, FIFO, socket or device, which is never replicated";
        };
    }

    private static Line line(ManifestDiff.Difference difference) {
        var path = difference.path();
        return switch (difference.kind()) {
            case MISSING -> new Line("-", path, "the reference has it");
            case EXTRA -> new Line("+", path, "the reference has it not");
            case CHANGED -> new Line("*", path, changes(difference.reference(), difference.actual()));
        };
    }

    private static String changes(Optional<ManifestEntry> reference, Optional<ManifestEntry> actual) {
        var before = reference.orElseThrow();
        var after = actual.orElseThrow();
        var parts = new ArrayList<String>();
        if (before.type() != after.type()) {
            parts.add("type " + before.type() + " is " + after.type());
        }
        if (!before.digest().equals(after.digest())) {
            parts.add("content");
        }
        if (before.sizeBytes() != after.sizeBytes()) {
            parts.add("size " + before.sizeBytes() + " is " + after.sizeBytes());
        }
        if (before.mode() != after.mode()) {
            parts.add("mode " + Integer.toOctalString(before.mode()) + " is " + Integer.toOctalString(after.mode()));
        }
        if (before.mtimeNanos() != after.mtimeNanos()) {
            parts.add("mtime");
        }
        return String.join(", ", parts);
    }
}
