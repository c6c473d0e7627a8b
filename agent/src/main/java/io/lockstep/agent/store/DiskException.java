package io.lockstep.agent.store;

import io.lockstep.agent.posix.Errno;
import java.io.Serial;

/** Carries a {@link DiskFailure} from the step that failed to the package's edge, where it becomes a value. */
class DiskException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient DiskFailure failure;

    DiskException(String action, String place, Errno errno) {
        super(action + " " + place + ": " + errno);
        this.failure = new DiskFailure(action, place, errno);
    }

    DiskFailure failure() {
        return failure;
    }

    Errno errno() {
        return failure.errno();
    }
}
