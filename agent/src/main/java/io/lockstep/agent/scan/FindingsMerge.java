package io.lockstep.agent.scan;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Joins the findings of a previous scan that still hold with the fresh ones into one sorted list. */
final class FindingsMerge {
    private final List<Finding> merged;
    /** Paths whose entries below stand for nothing. */
    private final Set<EntryPath> severed;

    private FindingsMerge(int capacity, Set<EntryPath> severed) {
        merged = new ArrayList<>(capacity);
        this.severed = new HashSet<>(severed);
    }

    /**
     * The findings of this scan, sorted, each path once. The same list instance as {@code work.known().list()} when they
     * are the same.
     *
     * @param unsorted the fresh findings in any order; a path may be there twice when an entry was renamed or replaced
     *     while its directory was read
     * @param severed directories whose names were not all read
     */
    static List<Finding> merge(ScanWork work, List<Finding> unsorted, Set<EntryPath> severed) {
        var known = work.known();
        if (unsorted.isEmpty() && severed.isEmpty() && allKept(work)) {
            return known.list();
        }
        var merge = new FindingsMerge(known.size() + unsorted.size(), severed);
        merge.join(work, Inventory.sorted(unsorted));
        merge.dropSevered();
        return isSame(merge.merged, known) ? known.list() : merge.merged;
    }

    private static boolean allKept(ScanWork work) {
        for (int i = 0; i < work.known().size(); i++) {
            if (!work.isKept(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSame(List<Finding> merged, KnownFindings known) {
        if (merged.size() != known.size()) {
            return false;
        }
        for (int i = 0; i < merged.size(); i++) {
            if (!merged.get(i).equals(known.get(i))) {
                return false;
            }
        }
        return true;
    }

    private void join(ScanWork work, List<Finding> fresh) {
        var known = work.known();
        int next = 0;
        for (int i = 0; i < known.size(); i++) {
            if (work.isKept(i)) {
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
