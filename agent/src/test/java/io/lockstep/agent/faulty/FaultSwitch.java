package io.lockstep.agent.faulty;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The faults of one mount. Thread safe: each call comes on a thread of its own. */
final class FaultSwitch {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Fault> faults = new ArrayList<>();
    private long waiting;
    private long struck;

    void add(Fault fault) {
        lock.lock();
        try {
            faults.add(fault);
        } finally {
            lock.unlock();
        }
    }

    /** Ends every fault; what hangs goes on. */
    void clear() {
        lock.lock();
        try {
            faults.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How many calls hang now. */
    long waiting() {
        lock.lock();
        try {
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    /** How many calls met a fault so far. */
    long struck() {
        lock.lock();
        try {
            return struck;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the file seems to end early. */
    boolean isTruncated(Operation operation, String path) {
        lock.lock();
        try {
            boolean truncated = faults.stream()
                    .anyMatch(fault -> fault.kind() == Fault.Kind.TRUNCATE && fault.isFor(operation, path));
            struck += truncated ? 1 : 0;
            return truncated;
        } finally {
            lock.unlock();
        }
    }

    /** Does to a call what the faults say. Returns 0 when it is to be done, else the negative error number. */
    int strike(Operation operation, String path) {
        lock.lock();
        try {
            for (var fault : List.copyOf(faults)) {
                if (fault.kind() == Fault.Kind.TRUNCATE || !fault.isFor(operation, path)) {
                    continue;
                }
                struck++;
                if (fault.kind().errno() != 0) {
                    return -fault.kind().errno();
                }
                hold(fault);
            }
            return 0;
        } finally {
            lock.unlock();
        }
    }

    private void hold(Fault fault) {
        waiting++;
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(Fault.DELAY_MILLIS);
            while (faults.contains(fault) && nanos > 0) {
                if (fault.kind() == Fault.Kind.HANG) {
                    changed.await();
                } else {
                    nanos = changed.awaitNanos(nanos);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            waiting--;
        }
    }
}
