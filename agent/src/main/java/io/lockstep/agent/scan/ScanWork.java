package io.lockstep.agent.scan;

import io.lockstep.agent.posix.NameBuffer;
import io.lockstep.artifact.EntryPath;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What the threads of one scan share: the stack of tasks, the counts, and the reason to stop early. */
final class ScanWork {
    /** Buffers of names that wait for a thread, for each thread: enough that none runs dry, and a bound on memory. */
    private static final int WAITING_BUFFERS = 4;

    private final ScanProgress progress;
    private final BooleanSupplier cancelled;
    private final int maxEntries;
    private final Known known;
    private final FindingSink sink;
    /** For each known finding, 1 once it was found unchanged; threads write different elements. */
    private final byte[] kept;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<ScanTask> tasks = new ArrayDeque<>();
    private final ArrayDeque<NameBuffer> freeBuffers = new ArrayDeque<>();
    private int busyThreads;

    private final AtomicLong names = new AtomicLong();
    private final AtomicLong entries = new AtomicLong();
    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicReference<@Nullable ScanOutcome> early = new AtomicReference<>();
    private volatile Set<EntryPath> walkedBefore = Set.of();
    private volatile boolean again;

    ScanWork(
            ScanProgress progress,
            BooleanSupplier cancelled,
            Known known,
            FindingSink sink,
            int threads,
            int maxEntries) {
        this.progress = progress;
        this.cancelled = cancelled;
        this.known = known;
        this.sink = sink;
        this.maxEntries = maxEntries;
        kept = new byte[known.size()];
        for (int i = 0; i < threads * WAITING_BUFFERS && threads > 1; i++) {
            freeBuffers.add(new NameBuffer());
        }
    }

    Known known() {
        return known;
    }

    FindingSink sink() {
        return sink;
    }

    void keep(int index) {
        kept[index] = 1;
    }

    /** The known findings that were found unchanged, by index. Only when no thread works any more. */
    BitSet kept() {
        var bits = new BitSet(kept.length);
        for (int i = 0; i < kept.length; i++) {
            if (kept[i] != 0) {
                bits.set(i);
            }
        }
        return bits;
    }

    /**
     * Starts the second look at some directories: what is kept is passed over, and so are these directories, whose
     * names were read. Files that are new are looked at again: to remember them all would take more memory than
     * everything else that a walk needs.
     */
    void lookAgain(Set<EntryPath> directories) {
        walkedBefore = directories;
        again = true;
        entries.set(0);
    }

    /** Whether an earlier look was enough for the entry. */
    boolean isFound(int knownIndex, byte[] path, int length) {
        if (!again) {
            return false;
        }
        boolean keptBefore = knownIndex != Known.NONE && kept[knownIndex] != 0;
        return keptBefore || walkedBefore.contains(EntryPath.ofBytes(Arrays.copyOf(path, length)));
    }

    void push(ScanTask task) {
        lock.lock();
        try {
            tasks.push(task);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The next task; null when the work is done or stopped. Each one that is got is given back by {@link #done}. */
    @Nullable
    ScanTask take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (tasks.isEmpty() && busyThreads > 0 && !isStopped()) {
                changed.await();
            }
            if (tasks.isEmpty() || isStopped()) {
                changed.signalAll();
                return null;
            }
            busyThreads++;
            return tasks.pop();
        } finally {
            lock.unlock();
        }
    }

    void done() {
        lock.lock();
        try {
            busyThreads--;
            if (busyThreads == 0 && tasks.isEmpty()) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A free buffer for names; empty when enough of them wait for a thread, so that the caller looks at its own. */
    Optional<NameBuffer> takeBuffer() {
        lock.lock();
        try {
            return Optional.ofNullable(freeBuffers.poll());
        } finally {
            lock.unlock();
        }
    }

    void giveBack(NameBuffer buffer) {
        lock.lock();
        try {
            freeBuffers.push(buffer);
        } finally {
            lock.unlock();
        }
    }

    /** Releases what stopped work left on the stack, and the buffers. Only when no thread works any more. */
    void close() {
        for (var task = tasks.poll(); task != null; task = tasks.poll()) {
            release(task);
        }
        freeBuffers.forEach(NameBuffer::close);
        freeBuffers.clear();
    }

    private void release(ScanTask task) {
        if (task instanceof ScanTask.ReadDirectory directory) {
            directory.parent().release();
        } else if (task instanceof ScanTask.LookAtNames look) {
            look.directory().release();
            freeBuffers.add(look.names());
        }
    }

    /** Counts an entry that will become a finding; false when there are too many. */
    boolean countEntry() {
        if (entries.incrementAndGet() <= maxEntries) {
            return true;
        }
        stop(new ScanOutcome.TooLarge(maxEntries));
        return false;
    }

    /** Tells the listener that {@code count} names were looked at. */
    void countNames(int count) {
        progress.done(names.addAndGet(count), bytesRead.get());
    }

    /** Tells the listener, and says whether to go on. */
    boolean countBytes(long count, boolean tell) {
        long bytes = bytesRead.addAndGet(count);
        if (tell) {
            progress.done(names.get(), bytes);
        }
        return !shouldStop();
    }

    long bytesRead() {
        return bytesRead.get();
    }

    /** Whether to end early; asks the caller, and whether this thread was interrupted. */
    boolean shouldStop() {
        if (!isStopped() && (cancelled.getAsBoolean() || Thread.currentThread().isInterrupted())) {
            stop(new ScanOutcome.Cancelled());
        }
        return isStopped();
    }

    private boolean isStopped() {
        return early.get() != null;
    }

    /** Ends the scan with {@code outcome}, unless it ended already. */
    void stop(ScanOutcome outcome) {
        early.compareAndSet(null, outcome);
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Why the scan ended early, if it did. */
    Optional<ScanOutcome> early() {
        return Optional.ofNullable(early.get());
    }
}
