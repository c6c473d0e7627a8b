package io.lockstep.artifact;

/** What kind of thing a name in a directory is; only {@link #FILE} and {@link #DIRECTORY} are ever replicated. */
public enum EntryType {
    FILE,
    DIRECTORY,
    SYMLINK,
    FIFO,
    SOCKET,
    /** A character or block device. */
    DEVICE,
    /** It could not be asked. */
    UNKNOWN
}
