package io.lockstep.agent.loop;

import java.util.concurrent.atomic.AtomicLong;

/** Counts what a scan has done, for those who wait for it. Safe for any thread; counts only grow. */
public final class ScanProgress {
    private final AtomicLong entries = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

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
