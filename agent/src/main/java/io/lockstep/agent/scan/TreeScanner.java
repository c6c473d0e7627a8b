package io.lockstep.agent.scan;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.ManifestCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

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

    /** How often the names of a directory that keeps changing are read again. */
    static final int MAX_ROUNDS_AGAIN = 2;

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
        var attempt = DirectoryHandle.open(request.root());
        if (attempt instanceof Attempt.Done<DirectoryHandle> done) {
            var root = new WalkedDirectory(Optional.empty(), done.value(), 0);
            try (var stat = new StatBuffer()) {
                int result = root.handle().stat(stat);
                return result < 0
                        ? new ScanOutcome.RootUnreadable(new Errno(-result).symbol())
                        : scan(request, root, stat.device());
            } finally {
                root.release();
            }
        }
        var errno = ((Attempt.Failed<DirectoryHandle>) attempt).errno();
        return errno.equals(Errno.ENOENT)
                ? new ScanOutcome.RootAbsent()
                : new ScanOutcome.RootUnreadable(errno.symbol());
    }

    private ScanOutcome scan(ScanRequest request, WalkedDirectory root, long rootDevice) {
        var previous = request.previous().orElseGet(Inventory::empty);
        if (known.list() != previous.findings()) {
            known = new KnownFindings(previous.findings());
        }
        var work = new ScanWork(request, known, threads, maxEntries);
        var reuse = new EntryLook.Reuse(request.fullDigest(), previous.scanStartNanos(), racyWindow.toNanos());
        var workers = new ArrayList<ScanWorker>(threads);
        try {
            for (int i = 0; i < threads; i++) {
                workers.add(new ScanWorker(work, new EntryLook(work, filter, reuse, root), rootDevice));
            }
            work.push(new ScanTask.ReadRoot(root));
            runAll(work, workers);
            for (int round = 0; round < MAX_ROUNDS_AGAIN && pushChanged(work, workers, root); round++) {
                runAll(work, workers);
            }
            return work.early().orElseGet(() -> new ScanOutcome.Scanned(inventory(request, previous, work, workers)));
        } finally {
            workers.forEach(ScanWorker::close);
            work.close();
        }
    }

    /** Runs all workers, one in the calling thread, and waits for them. */
    private static void runAll(ScanWork work, List<ScanWorker> workers) {
        var failure = new AtomicReference<Throwable>();
        var helpers = new ArrayList<Thread>();
        for (int i = 1; i < workers.size(); i++) {
            var worker = workers.get(i);
            var helper = new Thread(() -> run(work, worker, failure), "scan-" + i);
            helper.setDaemon(true);
            helper.start();
            helpers.add(helper);
        }
        run(work, workers.get(0), failure);
        boolean interrupted = false;
        for (var helper : helpers) {
            while (helper.isAlive()) {
                try {
                    helper.join();
                } catch (InterruptedException e) {
                    // The helper uses buffers that are freed next, so it must end first; cancelling makes that soon.
                    work.stop(new ScanOutcome.Cancelled());
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        var thrown = failure.get();
        if (thrown != null) {
            throw new IllegalStateException("a thread of the scan failed", thrown);
        }
    }

    private static void run(ScanWork work, ScanWorker worker, AtomicReference<Throwable> failure) {
        try {
            worker.run();
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
            work.stop(new ScanOutcome.Cancelled());
        }
    }

    /** Pushes the directories that changed while they were read; false when there are none, or the scan is stopped. */
    private static boolean pushChanged(ScanWork work, List<ScanWorker> workers, WalkedDirectory root) {
        if (work.early().isPresent()) {
            return false;
        }
        var changed = new HashSet<Optional<EntryPath>>();
        var found = new HashSet<EntryPath>();
        for (var worker : workers) {
            changed.addAll(worker.look().takeChangedDirectories());
            worker.look().fresh().forEach(finding -> found.add(finding.path()));
        }
        work.lookAgain(found);
        for (var path : changed) {
            work.push(path.isPresent() ? new ScanTask.ReadAgain(root, path.get()) : new ScanTask.ReadRoot(root));
        }
        return !changed.isEmpty();
    }

    private static Inventory inventory(
            ScanRequest request, Inventory previous, ScanWork work, List<ScanWorker> workers) {
        var fresh = new ArrayList<Finding>();
        var severed = new HashSet<EntryPath>();
        int hashedFiles = 0;
        for (var worker : workers) {
            fresh.addAll(worker.look().fresh());
            severed.addAll(worker.look().severed());
            hashedFiles += worker.look().hashedFiles();
        }
        var merged = FindingsMerge.merge(work, fresh, severed);
        return merged == previous.findings()
                ? previous.seenAgain(request.scanStartNanos(), hashedFiles, work.bytesRead())
                : new Inventory(merged, request.scanStartNanos(), hashedFiles, work.bytesRead());
    }
}
