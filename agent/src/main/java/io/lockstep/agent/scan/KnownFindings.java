package io.lockstep.agent.scan;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Finding;
import java.util.List;

/**
 * A previous inventory's findings by the bytes of their paths, so that a look-up makes no object. Made once for a list
 * and used by every scan until the list changes.
 */
final class KnownFindings {
    /** {@link #indexOf}: there is no such path. */
    static final int NONE = -1;

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

    int size() {
        return findings.length;
    }

    Finding get(int index) {
        return findings[index];
    }

    /** The index of the finding at the path that is the first {@code length} bytes of {@code buffer}, or {@link #NONE}. */
    int indexOf(byte[] buffer, int length) {
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
