package io.lockstep.agent.scan;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.TreeFilter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** One walk through a tree, which tells what it finds to a {@link FindingSink} and keeps none of it. */
final class TreeWalk {
    /** How often the names of a directory that keeps changing are read again. */
    static final int MAX_ROUNDS_AGAIN = 2;

    private final TreeFilter filter;
    private final int threads;
    private final EntryLook.Reuse reuse;
    private final ScanWork work;

    TreeWalk(
            TreeFilter filter,
            int threads,
            int maxEntries,
            Known known,
            EntryLook.Reuse reuse,
            FindingSink sink,
            ScanProgress progress,
            BooleanSupplier cancelled) {
        this.filter = filter;
        this.threads = threads;
        this.reuse = reuse;
        work = new ScanWork(progress, cancelled, known, sink, threads, maxEntries);
    }

    /** Does it, once; returns when it is done or ended and no thread of it runs any more. */
    WalkOutcome walk(Path rootPath, CallWatch watch) {
        var attempt = DirectoryHandle.open(rootPath, watch);
        if (attempt instanceof Attempt.Done<DirectoryHandle> done) {
            var root = new WalkedDirectory(Optional.empty(), done.value(), 0);
            try (var stat = new StatBuffer()) {
                int result = root.handle().stat(stat);
                return result < 0 ? rootUnreadable(new Errno(-result)) : walk(root, stat.device());
            } finally {
                root.release();
            }
        }
        var errno = ((Attempt.Failed<DirectoryHandle>) attempt).errno();
        return errno.equals(Errno.ENOENT) ? new WalkOutcome.Ended(new ScanOutcome.RootAbsent()) : rootUnreadable(errno);
    }

    private static WalkOutcome rootUnreadable(Errno errno) {
        return new WalkOutcome.Ended(new ScanOutcome.RootUnreadable(errno.symbol()));
    }

    private WalkOutcome walk(WalkedDirectory root, long rootDevice) {
        var workers = new ArrayList<ScanWorker>(threads);
        try {
            for (int i = 0; i < threads; i++) {
                workers.add(new ScanWorker(work, new EntryLook(work, filter, reuse, root), rootDevice));
            }
            work.push(new ScanTask.ReadRoot(root));
            runAll(workers);
            var walked = new HashSet<EntryPath>();
            for (int round = 0; round < MAX_ROUNDS_AGAIN && pushChanged(workers, root, walked); round++) {
                runAll(workers);
            }
            int hashedFiles = 0;
            for (var worker : workers) {
                hashedFiles += worker.look().hashedFiles();
            }
            var early = work.early();
            return early.isPresent()
                    ? new WalkOutcome.Ended(early.get())
                    : new WalkOutcome.Walked(work.kept(), hashedFiles, work.bytesRead());
        } finally {
            workers.forEach(ScanWorker::close);
            work.close();
        }
    }

    /** Runs all workers, one in the calling thread, and waits for them. */
    private void runAll(List<ScanWorker> workers) {
        var failure = new AtomicReference<Throwable>();
        var helpers = new ArrayList<Thread>();
        for (int i = 1; i < workers.size(); i++) {
            var worker = workers.get(i);
            var helper = new Thread(() -> run(worker, failure), "scan-" + i);
            helper.setDaemon(true);
            helper.start();
            helpers.add(helper);
        }
        run(workers.get(0), failure);
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

    private void run(ScanWorker worker, AtomicReference<Throwable> failure) {
        try {
            worker.run();
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
            work.stop(new ScanOutcome.Cancelled());
        }
    }

    /**
     * Pushes the directories that changed while they were read; false when there are none, or the walk is stopped.
     *
     * @param walked gathers the directories that are found anew and whose names were read
     */
    private boolean pushChanged(List<ScanWorker> workers, WalkedDirectory root, Set<EntryPath> walked) {
        if (work.early().isPresent()) {
            return false;
        }
        var changed = new HashSet<Optional<EntryPath>>();
        for (var worker : workers) {
            changed.addAll(worker.look().takeChangedDirectories());
            walked.addAll(worker.look().takeWalkedDirectories());
        }
        work.lookAgain(walked);
        for (var path : changed) {
            work.push(path.isPresent() ? new ScanTask.ReadAgain(root, path.get()) : new ScanTask.ReadRoot(root));
        }
        return !changed.isEmpty();
    }
}
