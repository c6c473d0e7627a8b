package io.lockstep.generation;

import java.util.Optional;

/**
 * How finely a place can tell entries apart. A local disk tells everything. A server that is reached by SFTP cuts times
 * to whole seconds, and some protocols have no permission bits, so that an entry which was written there from a replica
 * comes back a little different without having changed.
 *
 * @param mtimeNanos the unit of the times that the place keeps, 1 or more
 * @param tellsMode whether it keeps permission bits
 */
public record Resolution(long mtimeNanos, boolean tellsMode) {
    /** Everything that a manifest has. */
    public static final Resolution EXACT = new Resolution(1, true);

    /** Times in whole seconds, permission bits as they are. */
    public static final Resolution SECONDS = new Resolution(1_000_000_000L, true);

    /** Times in whole seconds, and no permission bits. */
    public static final Resolution SECONDS_WITHOUT_MODE = new Resolution(1_000_000_000L, false);

    public Resolution {
        if (mtimeNanos < 1) {
            throw new IllegalArgumentException("a unit of time is 1 ns or more: " + mtimeNanos);
        }
    }

    /** Whether the place keeps everything that a manifest has. */
    public boolean isExact() {
        return equals(EXACT);
    }

    /** {@code mtime} as the place keeps it. */
    public long cut(long mtime) {
        return Math.floorDiv(mtime, mtimeNanos) * mtimeNanos;
    }

    /**
     * Whether the place would show {@code entry} as it shows {@code seen}: the same path, type, size and digest, the
     * same time cut to its unit, and the same mode where it has one.
     */
    public boolean isSame(ManifestEntry entry, ManifestEntry seen) {
        return entry.path().equals(seen.path())
                && entry.type() == seen.type()
                && entry.sizeBytes() == seen.sizeBytes()
                && entry.digest().equals(seen.digest())
                && cut(entry.mtimeNanos()) == cut(seen.mtimeNanos())
                && (!tellsMode || entry.mode() == seen.mode());
    }

    /** The same for what may be absent: two absences are the same, and an absence is no entry. */
    public boolean isSame(Optional<ManifestEntry> entry, Optional<ManifestEntry> seen) {
        return (entry.isPresent() && seen.isPresent())
                ? isSame(entry.get(), seen.get())
                : (entry.isEmpty() && seen.isEmpty());
    }

    /**
     * What was seen at the place, held against a reference: an entry that is the reference's as far as the place can
     * tell is taken as the reference's, and every other one is left as it was seen. Blind spots stay.
     */
    public View align(View seen, Manifest reference) {
        if (isExact() || seen.manifest().equals(reference)) {
            return seen;
        }
        boolean[] changed = new boolean[1];
        var entries = seen.manifest().entries().stream()
                .map(entry -> {
                    var known = reference.find(entry.path()).filter(there -> isSame(there, entry));
                    changed[0] = changed[0]
                            || known.filter(there -> !there.equals(entry)).isPresent();
                    return known.orElse(entry);
                })
                .toList();
        return changed[0] ? new View(Manifest.like(reference, entries), seen.blindSpots()) : seen;
    }
}
