package io.lockstep.agent.scan;

import io.lockstep.agent.posix.CallWatch;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.ManifestCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Scans one tree into an {@link Inventory}: each entry's type, stamp, mode and, for a file, SHA-256.
 *
 * <p>The walk goes from handle to handle and follows no link below the root, so that one scan never mixes two trees.
 * What is neither file nor directory is reported and never opened. A digest is used again when the stamp is equal and
 * was not racy at the previous scan; otherwise the file is looked at, read, and looked at again. What can't be read is
 * {@link Finding.Unreadable}, never absent:
 *
 * <ul>
 *   <li>a directory on another file system (a mount inside of the tree): {@code EXDEV};
 *   <li>a directory in which a path would be longer than {@link EntryPath#MAX_BYTES}, or that lies deeper than
 *       {@value ScanWorker#MAX_DEPTH} levels: {@code ENAMETOOLONG};
 *   <li>a directory whose names could not all be read; nothing below it is in the inventory.
 * </ul>
 *
 * A directory that changed while its names were read is read again a few times, and names that were missed are added,
 * because readdir(3) may pass over an entry that is renamed meanwhile. So every absence is one that some moment of the
 * scan had.
 *
 * <p>When nothing changed, the new inventory has the previous one's list of findings. One scanner does one scan at a
 * time; keep it, because it remembers how to find the previous findings.
 */
public final class TreeScanner {
    /** Threads of a scan unless told otherwise: one reads on while the other waits for the disk or computes. */
    public static final int DEFAULT_THREADS = 2;

    /** How long before a scan's start a change makes a digest doubtful (the coarsest usual clock ticks in seconds). */
    public static final Duration DEFAULT_RACY_WINDOW = Duration.ofSeconds(2);

    private final TreeFilter filter;
    private final int threads;
    private final Duration racyWindow;
    private final int maxEntries;
    private KnownFindings known = new KnownFindings(List.of());

    /** A scanner with the default threads, window and limit. */
    public TreeScanner(TreeFilter filter) {
        this(filter, DEFAULT_THREADS, DEFAULT_RACY_WINDOW, ManifestCodec.MAX_ENTRIES);
    }

    /**
     * A scanner.
     *
     * @param threads 1 or more, the caller's own included
     * @param racyWindow how long before a scan's start a change makes a digest doubtful
     * @param maxEntries the most entries of a tree, those that the filter leaves out not counted; 1 or more
     */
    public TreeScanner(TreeFilter filter, int threads, Duration racyWindow, int maxEntries) {
        if (threads < 1 || maxEntries < 1 || racyWindow.isNegative()) {
            throw new IllegalArgumentException(
                    "can't scan with " + threads + " threads, " + maxEntries + " entries, window " + racyWindow);
        }
        this.filter = filter;
        this.threads = threads;
        this.racyWindow = racyWindow;
        this.maxEntries = maxEntries;
    }

    /** Does one scan; returns when it is done or cancelled and no thread of it runs any more. */
    public synchronized ScanOutcome scan(ScanRequest request) {
        var previous = request.previous().orElseGet(Inventory::empty);
        if (known.list() != previous.findings()) {
            known = new KnownFindings(previous.findings());
        }
        var gathered = new Gathered();
        var reuse = new EntryLook.Reuse(request.fullDigest(), previous.scanStartNanos(), racyWindow.toNanos());
        var walk = new TreeWalk(
                filter, threads, maxEntries, known, reuse, gathered, request.progress(), request.cancelled());
        var outcome = walk.walk(request.root(), CallWatch.NONE);
        if (outcome instanceof WalkOutcome.Ended ended) {
            return ended.why();
        }
        var walked = (WalkOutcome.Walked) outcome;
        var merged = FindingsMerge.merge(previous.findings(), walked.kept(), gathered.fresh, gathered.severed);
        return new ScanOutcome.Scanned(
                merged == previous.findings()
                        ? previous.seenAgain(request.scanStartNanos(), walked.hashedFiles(), walked.hashedBytes())
                        : new Inventory(merged, request.scanStartNanos(), walked.hashedFiles(), walked.hashedBytes()));
    }

    /** Does one walk; returns when it is done or ended and no thread of it runs any more. */
    public synchronized WalkOutcome walk(WalkRequest request) {
        var reuse = new EntryLook.Reuse(request.fullDigest(), request.knownStartNanos(), racyWindow.toNanos());
        return new TreeWalk(
                        filter,
                        threads,
                        maxEntries,
                        new KnownTable(request.known()),
                        reuse,
                        request.sink(),
                        request.progress(),
                        () -> false)
                .walk(request.root(), request.watch());
    }

    /** Keeps what a walk finds anew, for a merge in this process. */
    private static final class Gathered implements FindingSink {
        private final List<Finding> fresh = new ArrayList<>();
        private final Set<EntryPath> severed = new HashSet<>();

        @Override
        public synchronized void found(Finding finding) {
            fresh.add(finding);
        }

        @Override
        public synchronized void severed(EntryPath directory) {
            severed.add(directory);
        }
    }
}
