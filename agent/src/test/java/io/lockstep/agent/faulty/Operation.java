package io.lockstep.agent.faulty;

import java.util.EnumSet;
import java.util.Set;

/** The calls that a fault is for, as the file system's server sees them. */
public enum Operation {
    /** {@code stat}, {@code readlink}, and the lookup of each name of a path. */
    STAT,
    READDIR,
    /** {@code open} of a file that is only read. */
    OPEN,
    READ,
    /** {@code open} of a file that is there already and is written. */
    OPEN_FOR_WRITE,
    WRITE,
    /** {@code fsync} of a file or a directory. */
    FSYNC,
    RENAME,
    /** A new file, directory, or link. */
    CREATE,
    /** {@code unlink} and {@code rmdir}. */
    UNLINK,
    /** {@code chmod}, {@code chown}, {@code utimensat}, {@code truncate}. */
    SETATTR,
    STATFS;

    /** Every operation. */
    public static final Set<Operation> ALL = Set.copyOf(EnumSet.allOf(Operation.class));

    /** What a read-only file system refuses. */
    public static final Set<Operation> CHANGES = Set.of(OPEN_FOR_WRITE, WRITE, FSYNC, RENAME, CREATE, UNLINK, SETATTR);

    /** What a full file system refuses: it can still delete. */
    public static final Set<Operation> GROWTH = Set.of(WRITE, FSYNC, CREATE);
}
