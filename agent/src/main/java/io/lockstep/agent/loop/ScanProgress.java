package io.lockstep.agent.loop;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what a scan has done, for those who wait for it. Safe for any thread; counts only grow. */
public final class ScanProgress {
    private final AtomicLong entries = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean begun = new AtomicBoolean();

    /** Says that the scan no longer waits for a thread. */
    void begin() {
        begun.set(true);
    }

    boolean hasBegun() {
        return begun.get();
    }

    /** Adds what was done since the last call. */
    public void add(long moreEntries, long moreBytes) {
        entries.addAndGet(moreEntries);
        bytes.addAndGet(moreBytes);
    }

    public long entries() {
        return entries.get();
    }

    public long bytes() {
        return bytes.get();
    }
}
