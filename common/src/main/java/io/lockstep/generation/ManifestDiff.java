package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What differs between a reference and another manifest, sorted by path.
 *
 * @param differences each differing path once
 */
public record ManifestDiff(List<Difference> differences) {
    public ManifestDiff {
        differences = List.copyOf(differences);
    }

    /** How a path differs from the reference. */
    public enum Kind {
        /** The reference has it, the other has not. */
        MISSING,
        /** The other has it, the reference has not. */
        EXTRA,
        /** Both have it, with another content, type, mode or time. */
        CHANGED
    }

    /**
     * One differing path.
     *
     * @param reference the reference's entry; empty when {@link Kind#EXTRA}
     * @param actual the other's entry; empty when {@link Kind#MISSING}
     */
    public record Difference(EntryPath path, Optional<ManifestEntry> reference, Optional<ManifestEntry> actual) {
        public Difference {
            if (reference.isEmpty() && actual.isEmpty()) {
                throw new IllegalArgumentException("no entry on either side: " + path);
            }
        }

        public Kind kind() {
            if (actual.isEmpty()) {
                return Kind.MISSING;
            }
            return reference.isEmpty() ? Kind.EXTRA : Kind.CHANGED;
        }
    }

    /** Compares two manifests; equal roots cost nothing. */
    public static ManifestDiff between(Manifest reference, Manifest actual) {
        if (reference.root().equals(actual.root())) {
            return new ManifestDiff(List.of());
        }
        var found = new ArrayList<Difference>();
        var left = reference.entries();
        var right = actual.entries();
        int l = 0;
        int r = 0;
        while (l < left.size() || r < right.size()) {
            int order = l == left.size()
                    ? 1
                    : r == right.size()
                            ? -1
                            : left.get(l).path().compareTo(right.get(r).path());
            if (order < 0) {
                var entry = left.get(l++);
                found.add(new Difference(entry.path(), Optional.of(entry), Optional.empty()));
            } else if (order > 0) {
                var entry = right.get(r++);
                found.add(new Difference(entry.path(), Optional.empty(), Optional.of(entry)));
            } else {
                var a = left.get(l++);
                var b = right.get(r++);
                if (!a.equals(b)) {
                    found.add(new Difference(a.path(), Optional.of(a), Optional.of(b)));
                }
            }
        }
        return new ManifestDiff(found);
    }

    /** The files of {@code wanted} whose bytes {@code have} lacks at their path, sorted. */
    public static List<ManifestEntry> contentMissingFrom(Manifest have, Manifest wanted) {
        var missing = new ArrayList<ManifestEntry>();
        for (var difference : between(have, wanted).differences()) {
            var entry = difference.actual().filter(ManifestEntry::isFile);
            boolean sameBytes = entry.isPresent()
                    && difference.reference().filter(entry.get()::hasContentOf).isPresent();
            if (entry.isPresent() && !sameBytes) {
                missing.add(entry.get());
            }
        }
        return missing;
    }

    public boolean isEmpty() {
        return differences.isEmpty();
    }

    /** How many differences are of this kind. */
    public int count(Kind kind) {
        return (int) differences.stream().filter(d -> d.kind() == kind).count();
    }
}
