package io.lockstep.digest;

import io.lockstep.artifact.EntryPath;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What one scan of one tree found: the findings sorted by path, each path once. */
public final class Inventory {
    private static final Comparator<Finding> BY_PATH = Comparator.comparing(Finding::path);

    private final List<Finding> findings;
    private final long scanStartNanos;
    private final int hashedFiles;
    private final long hashedBytes;

    /**
     * An inventory of these findings.
     *
     * @param sorted sorted by {@link EntryPath}'s order, each path once
     * @param scanStartNanos when the scan started, by the clock of the file system that holds the tree, in ns since 1970
     * @param hashedFiles how many files were read to compute their digest; the others' digests were reused
     * @param hashedBytes how many bytes were read for that
     * @throws IllegalArgumentException when the findings are not sorted, or a count is negative
     */
    public Inventory(List<Finding> sorted, long scanStartNanos, int hashedFiles, long hashedBytes) {
        this(hashedFiles, hashedBytes, List.copyOf(sorted), scanStartNanos);
        for (int i = 1; i < findings.size(); i++) {
            if (BY_PATH.compare(findings.get(i - 1), findings.get(i)) >= 0) {
                throw new IllegalArgumentException("findings are not sorted, or name a path twice: "
                        + findings.get(i).path());
            }
        }
    }

    private Inventory(int hashedFiles, long hashedBytes, List<Finding> findings, long scanStartNanos) {
        if (hashedFiles < 0 || hashedBytes < 0) {
            throw new IllegalArgumentException("counts are negative: " + hashedFiles + ", " + hashedBytes);
        }
        this.findings = findings;
        this.scanStartNanos = scanStartNanos;
        this.hashedFiles = hashedFiles;
        this.hashedBytes = hashedBytes;
    }

    /**
     * The inventory of a later scan that found the very same. Its {@link #findings()} is this one's list and not a copy,
     * so that whoever derived something from the list knows by one comparison that it still holds; and they are not
     * checked again.
     */
    public Inventory seenAgain(long laterScanStartNanos, int laterHashedFiles, long laterHashedBytes) {
        return new Inventory(laterHashedFiles, laterHashedBytes, findings, laterScanStartNanos);
    }

    /** An inventory of an empty tree. */
    public static Inventory empty() {
        return new Inventory(List.of(), 0, 0, 0);
    }

    /** What was found, sorted by {@link EntryPath}'s order, each path once; can't be modified. */
    public List<Finding> findings() {
        return findings;
    }

    /**
     * When the scan started, by the clock of the file system that holds the tree, in ns since 1970; the next scan asks it
     * which digests are racy ({@link io.lockstep.artifact.Stamp#isRacy}).
     */
    public long scanStartNanos() {
        return scanStartNanos;
    }

    /** How many files were read to compute their digest; the others' digests were reused. */
    public int hashedFiles() {
        return hashedFiles;
    }

    /** How many bytes were read to compute digests. */
    public long hashedBytes() {
        return hashedBytes;
    }

    /** What was found at {@code path}. */
    public Optional<Finding> find(EntryPath path) {
        int low = 0;
        int high = findings.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = findings.get(middle).path().compareTo(path);
            if (order == 0) {
                return Optional.of(findings.get(middle));
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Optional.empty();
    }

    /** The findings that are neither a file with a digest, nor a directory, nor left out: what people must look at. */
    public List<Finding> troubles() {
        return findings.stream()
                .filter(f -> f instanceof Finding.Special
                        || f instanceof Finding.Unreadable
                        || f instanceof Finding.Unstable)
                .toList();
    }

    /** The findings in the order of their paths, for a binary search by others. */
    public static Comparator<Finding> order() {
        return BY_PATH;
    }

    /** Whether every entry of the tree was read, so that a path without a finding is known to be absent. */
    public boolean isComplete() {
        return findings.stream().noneMatch(f -> f instanceof Finding.Unreadable || f instanceof Finding.Unstable);
    }

    /** Sorts findings gathered in any order. */
    public static List<Finding> sorted(List<Finding> unsorted) {
        var copy = new ArrayList<>(unsorted);
        Collections.sort(copy, BY_PATH);
        return copy;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Inventory inventory
                && scanStartNanos == inventory.scanStartNanos
                && hashedFiles == inventory.hashedFiles
                && hashedBytes == inventory.hashedBytes
                && findings.equals(inventory.findings);
    }

    @Override
    public int hashCode() {
        return Objects.hash(scanStartNanos, hashedFiles, hashedBytes, findings);
    }

    @Override
    public String toString() {
        return "Inventory[" + findings.size() + " findings, " + hashedFiles + " files and " + hashedBytes
                + " bytes hashed, scan started at " + scanStartNanos + " ns]";
    }
}
