package io.lockstep.digest;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.Stamp;

/**
 * What one scan found at one path. Absence is not a finding: a path that no finding names, in an inventory that has no
 * unreadable directory above it, was absent.
 */
public sealed interface Finding {
    /** Where, relative to the scanned tree's root. */
    EntryPath path();

    /** The kind of the entry. */
    EntryType type();

    /**
     * A regular file that was read, or whose digest is provably fresh.
     *
     * @param mode permission bits, 0 to 0777
     */
    record RegularFile(EntryPath path, Stamp stamp, int mode, Digest digest) implements Finding {
        @Override
        public EntryType type() {
            return EntryType.FILE;
        }
    }

    /**
     * A directory whose names were all read.
     *
     * @param mode permission bits, 0 to 0777
     */
    record Directory(EntryPath path, Stamp stamp, int mode) implements Finding {
        @Override
        public EntryType type() {
            return EntryType.DIRECTORY;
        }
    }

    /** A link, FIFO, socket or device: seen, not followed and not opened. */
    record Special(EntryPath path, EntryType type) implements Finding {}

    /**
     * An entry that is there and could not be read: what it holds, and for a directory what lies below it, is unknown.
     *
     * @param error the operating system's symbol, such as {@code EACCES} or {@code EIO}
     */
    record Unreadable(EntryPath path, EntryType type, String error) implements Finding {}

    /** A file that kept changing while it was read. */
    record Unstable(EntryPath path) implements Finding {
        @Override
        public EntryType type() {
            return EntryType.FILE;
        }
    }

    /** A path that the filter leaves out and people are told of. */
    record Reported(EntryPath path, EntryType type) implements Finding {}
}
