package io.lockstep.agent.scan;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Joins the findings of a previous scan that still hold with those that a walk found anew into one sorted list. */
public final class FindingsMerge {
    private final List<Finding> merged;
    /** Paths whose entries below stand for nothing. */
    private final Set<EntryPath> severed;

    private FindingsMerge(int capacity, Set<EntryPath> severed) {
        merged = new ArrayList<>(capacity);
        this.severed = new HashSet<>(severed);
    }

    /**
     * The findings of this scan, sorted, each path once. {@code known} itself when they are the same.
     *
     * @param known the previous scan's findings, sorted
     * @param kept by index, those of {@code known} that still hold
     * @param unsorted the fresh findings in any order; a path may be there twice when an entry was renamed, replaced or
     *     looked at again while its directory was read
     * @param severed directories whose names were not all read
     */
    public static List<Finding> merge(
            List<Finding> known, BitSet kept, List<Finding> unsorted, Set<EntryPath> severed) {
        if (unsorted.isEmpty() && severed.isEmpty() && kept.cardinality() == known.size()) {
            return known;
        }
        var merge = new FindingsMerge(known.size() + unsorted.size(), severed);
        merge.join(known, kept, Inventory.sorted(unsorted));
        merge.dropSevered();
        return merge.merged.equals(known) ? known : merge.merged;
    }

    private void join(List<Finding> known, BitSet kept, List<Finding> fresh) {
        int next = 0;
        for (int i = 0; i < known.size(); i++) {
            if (kept.get(i)) {
                var finding = known.get(i);
                while (next < fresh.size() && fresh.get(next).path().compareTo(finding.path()) < 0) {
                    append(fresh.get(next++));
                }
                append(finding);
            }
        }
        while (next < fresh.size()) {
            append(fresh.get(next++));
        }
    }

    private void append(Finding finding) {
        int last = merged.size() - 1;
        if (last >= 0 && merged.get(last).path().equals(finding.path())) {
            merged.set(last, oneOf(merged.get(last), finding));
        } else {
            merged.add(finding);
        }
    }

    /** What two looks at one path say together. */
    private Finding oneOf(Finding first, Finding second) {
        if (first.equals(second)) {
            return first;
        }
        if (first instanceof Finding.Unreadable) {
            return first;
        }
        if (second instanceof Finding.Unreadable) {
            return second;
        }
        if (first.type() != second.type() && (isDirectory(first) || isDirectory(second))) {
            severed.add(first.path());
        }
        return new Finding.Unstable(first.path());
    }

    private static boolean isDirectory(Finding finding) {
        return finding.type() == EntryType.DIRECTORY;
    }

    private void dropSevered() {
        if (!severed.isEmpty()) {
            merged.removeIf(finding -> isSevered(finding.path()));
        }
    }

    private boolean isSevered(EntryPath path) {
        for (Optional<EntryPath> above = path.parent();
                above.isPresent();
                above = above.get().parent()) {
            if (severed.contains(above.get())) {
                return true;
            }
        }
        return false;
    }
}
