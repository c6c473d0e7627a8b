package io.lockstep.agent.scan;

import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Finding;
import java.util.List;

/**
 * A previous inventory's findings by the bytes of their paths. Made once for a list and used by every scan until the
 * list changes.
 */
final class KnownFindings implements Known {
    private static final long HASH_MASK = 0xffffffff00000000L;

    private final List<Finding> list;
    private final Finding[] findings;
    /** Open addressing: the path's hash in the upper half, its index + 1 in the lower; 0 is free. */
    private final long[] slots;

    KnownFindings(List<Finding> list) {
        this.list = list;
        findings = list.toArray(Finding[]::new);
        slots = new long[Math.max(2, Integer.highestOneBit(Math.max(1, findings.length)) * 4)];
        for (int i = 0; i < findings.length; i++) {
            int hash = findings[i].path().bytesHash();
            int slot = hash & slots.length - 1;
            while (slots[slot] != 0) {
                slot = slot + 1 & slots.length - 1;
            }
            slots[slot] = (long) hash << 32 | i + 1;
        }
    }

    /** The list that this was made of. */
    List<Finding> list() {
        return list;
    }

    @Override
    public Known forThread() {
        return this;
    }

    @Override
    public int size() {
        return findings.length;
    }

    @Override
    public boolean isReusable(int index, long scanStartNanos, long racyWindowNanos) {
        return findings[index] instanceof Finding.RegularFile file
                && !file.stamp().isRacy(scanStartNanos, racyWindowNanos);
    }

    @Override
    public boolean isFileAs(int index, StatBuffer now) {
        return findings[index] instanceof Finding.RegularFile file
                && file.mode() == now.mode()
                && now.hasStamp(file.stamp());
    }

    @Override
    public boolean isDirectoryAs(int index, StatBuffer now) {
        return findings[index] instanceof Finding.Directory directory
                && directory.mode() == now.mode()
                && now.hasStamp(directory.stamp());
    }

    @Override
    public boolean isExactly(int index, Finding found) {
        return findings[index].equals(found);
    }

    @Override
    public EntryPath path(int index, byte[] buffer, int length) {
        return findings[index].path();
    }

    @Override
    public int indexOf(byte[] buffer, int length) {
        int hash = EntryPath.hashOf(buffer, length);
        int slot = hash & slots.length - 1;
        while (slots[slot] != 0) {
            if ((slots[slot] & HASH_MASK) == (long) hash << 32) {
                int index = (int) slots[slot] - 1;
                if (findings[index].path().equalsBytes(buffer, length)) {
                    return index;
                }
            }
            slot = slot + 1 & slots.length - 1;
        }
        return NONE;
    }
}
