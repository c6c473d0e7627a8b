package io.lockstep.agent.store;

import io.lockstep.agent.posix.Errno;
import java.io.Serial;

/** An open file could not be read on: of two files in a copy, it is the source that failed. */
final class UnreadableException extends DiskException {
    @Serial
    private static final long serialVersionUID = 1L;

    UnreadableException(String place, Errno errno) {
        super("read", place, errno);
    }
}
