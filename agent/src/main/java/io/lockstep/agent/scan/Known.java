package io.lockstep.agent.scan;

import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Finding;

/** What a previous scan found, as a walk asks for it: by the bytes of a path, without making an object. */
interface Known {
    /** {@link #indexOf}: there is no such path. */
    int NONE = -1;

    /** The same, for another thread; those of a look-up are used by one thread each. */
    Known forThread();

    int size();

    /** The index of the finding at the path that is the first {@code length} bytes of {@code buffer}, or {@link #NONE}. */
    int indexOf(byte[] buffer, int length);

    /** Whether it is a regular file whose digest still holds if its stamp does. */
    boolean isReusable(int index, long scanStartNanos, long racyWindowNanos);

    /** Whether it is a regular file with the mode and stamp that {@code now} has. */
    boolean isFileAs(int index, StatBuffer now);

    /** Whether it is a directory with the mode and stamp that {@code now} has. */
    boolean isDirectoryAs(int index, StatBuffer now);

    /** Whether it is known to be exactly {@code found}; false where that can't be told. */
    boolean isExactly(int index, Finding found);

    /** The path at {@code index}, which is the first {@code length} bytes of {@code buffer}. */
    EntryPath path(int index, byte[] buffer, int length);
}
