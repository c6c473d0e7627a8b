package io.lockstep.digest;

import io.lockstep.artifact.EntryPath;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What one scan of one tree found: the findings sorted by path, each path once.
 *
 * @param findings sorted by {@link EntryPath}'s order
 * @param scanStartNanos when the scan started, by the clock of the file system that holds the tree, in ns since 1970;
 *     the next scan asks it which digests are racy ({@link io.lockstep.artifact.Stamp#isRacy})
 * @param hashedFiles how many files were read to compute their digest; the others' digests were reused
 * @param hashedBytes how many bytes were read for that
 */
public record Inventory(List<Finding> findings, long scanStartNanos, int hashedFiles, long hashedBytes) {
    private static final Comparator<Finding> BY_PATH = Comparator.comparing(Finding::path);

    public Inventory {
        findings = List.copyOf(findings);
        for (int i = 1; i < findings.size(); i++) {
            if (BY_PATH.compare(findings.get(i - 1), findings.get(i)) >= 0) {
                throw new IllegalArgumentException("findings are not sorted, or name a path twice: "
                        + findings.get(i).path());
            }
        }
        if (hashedFiles < 0 || hashedBytes < 0) {
            throw new IllegalArgumentException("counts are negative: " + hashedFiles + ", " + hashedBytes);
        }
    }

    /** An inventory of an empty tree. */
    public static Inventory empty() {
        return new Inventory(List.of(), 0, 0, 0);
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
}
