package io.lockstep.agent.store;

import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.Stamp;

/**
 * What stands under a name at one look, not following a link.
 *
 * @param mode permission bits, 0 to 0777
 * @param device the file system's number
 */
record EntryLook(EntryType type, int mode, Stamp stamp, long device) {
    static EntryLook of(StatBuffer stat) {
        return new EntryLook(stat.type(), stat.mode(), stat.stamp(), stat.device());
    }

    boolean isFile() {
        return type == EntryType.FILE;
    }

    boolean isSameInode(EntryLook other) {
        return device == other.device && stamp.inode() == other.stamp.inode();
    }
}
