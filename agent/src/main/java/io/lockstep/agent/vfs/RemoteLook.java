package io.lockstep.agent.vfs;

import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.Stamp;
import java.util.OptionalInt;

/**
 * What the server says of an entry, without following a link.
 *
 * @param sizeBytes 0 but for a file
 * @param mtimeSeconds last change of the content, by the server's clock unless somebody set it
 * @param mode permission bits, 0 to 0777; empty where the server or the protocol has none
 */
record RemoteLook(EntryType type, long sizeBytes, long mtimeSeconds, OptionalInt mode) {
    static final long NANOS = 1_000_000_000L;

    boolean isFile() {
        return type == EntryType.FILE;
    }

    boolean isDirectory() {
        return type == EntryType.DIRECTORY;
    }

    long mtimeNanos() {
        return mtimeSeconds * NANOS;
    }

    /** There is no inode and no ctime to ask for. */
    Stamp stamp() {
        return new Stamp(sizeBytes, mtimeNanos(), 0, 0);
    }

    /** Whether both are a file that has, as far as the server can tell, not been written in between. */
    boolean isSameFile(RemoteLook other) {
        return isFile() && other.isFile() && sizeBytes == other.sizeBytes && mtimeSeconds == other.mtimeSeconds;
    }
}
