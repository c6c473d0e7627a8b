package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Files of one tree that are fetched together: many small ones, or one large.
 *
 * @param tree the tree's name
 * @param files 1 or more, each content once
 * @param basis of a large file: the replica's older version, of which a fetch needs only what differs. Empty when there
 *     is none, or it is too small or too large to help
 */
public record Parcel(EntryPath tree, List<ManifestEntry> files, Optional<ManifestEntry> basis) {
    /** From this size on a file travels alone: it goes on where it was cut off, and only what differs moves. */
    public static final long LARGE_BYTES = 1 << 20;

    /** The most files of one parcel. */
    static final int MAX_FILES = 5_000;
    /** Fewer files are not worth a parcel of their own. */
    static final int MIN_FILES = 200;
    /** How many bytes of content a parcel of small files has at most; one file more may pass it. */
    static final long MAX_BYTES = 64 << 20;
    /** How many bytes all the names of a parcel have at most; one file more may pass it. */
    static final int MAX_NAME_BYTES = 1 << 20;
    /** A version that is this many times as large as the file is read and described for little gain. */
    static final int MOST_TIMES_LARGER = 4;

    public Parcel {
        files = List.copyOf(files);
        if (files.isEmpty() || (basis.isPresent() && files.size() > 1)) {
            throw new IllegalArgumentException("a parcel has files, and only one when there is a basis: " + files);
        }
    }

    /** Whether it is one file that can go on where it was cut off. */
    public boolean isLarge() {
        return files.get(0).sizeBytes() >= LARGE_BYTES;
    }

    /** The same parcel with fewer files. */
    public Parcel with(List<ManifestEntry> remaining) {
        return new Parcel(tree, remaining, basis);
    }

    public long totalBytes() {
        return files.stream().mapToLong(ManifestEntry::sizeBytes).sum();
    }

    /**
     * Divides files into parcels, large files first. Of several files with the same content only the first is in one.
     *
     * @param files of any trees
     * @param held what the replica holds
     * @param streams how many parcels are fetched at once, 1 or more
     */
    public static List<Parcel> plan(List<ManifestEntry> files, Manifest held, int streams) {
        var large = new ArrayList<Parcel>();
        var small = new ArrayList<ManifestEntry>();
        var contents = new HashSet<Digest>();
        for (var file : files) {
            if (!contents.add(file.digest().orElseThrow())) {
                continue;
            }
            if (file.sizeBytes() >= LARGE_BYTES) {
                large.add(new Parcel(file.path().first(), List.of(file), basisOf(file, held)));
            } else {
                small.add(file);
            }
        }
        small.sort((a, b) -> a.path().compareTo(b.path()));
        large.addAll(batches(small, Math.max(MIN_FILES, Math.min(MAX_FILES, ceilOfQuotient(small.size(), streams)))));
        return large;
    }

    private static int ceilOfQuotient(int dividend, int divisor) {
        return (dividend + divisor - 1) / divisor;
    }

    private static Optional<ManifestEntry> basisOf(ManifestEntry file, Manifest held) {
        return held.find(file.path())
                .filter(ManifestEntry::isFile)
                .filter(old -> old.sizeBytes() >= LARGE_BYTES)
                .filter(old -> old.sizeBytes() / MOST_TIMES_LARGER <= file.sizeBytes());
    }

    private static List<Parcel> batches(List<ManifestEntry> sorted, int maxFiles) {
        var batches = new ArrayList<Parcel>();
        var batch = new ArrayList<ManifestEntry>();
        long bytes = 0;
        int nameBytes = 0;
        for (var file : sorted) {
            boolean isFull = batch.size() == maxFiles || bytes > MAX_BYTES || nameBytes > MAX_NAME_BYTES;
            boolean isOfOtherTree = !batch.isEmpty()
                    && !batch.get(0).path().first().equals(file.path().first());
            if (isFull || isOfOtherTree) {
                batches.add(ofSmall(batch));
                batch.clear();
                bytes = 0;
                nameBytes = 0;
            }
            batch.add(file);
            bytes += file.sizeBytes();
            nameBytes += file.path().length();
        }
        if (!batch.isEmpty()) {
            batches.add(ofSmall(batch));
        }
        return batches;
    }

    private static Parcel ofSmall(List<ManifestEntry> batch) {
        return new Parcel(batch.get(0).path().first(), batch, Optional.empty());
    }
}
