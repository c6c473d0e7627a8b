package io.lockstep.agent.vfs;

import java.io.IOException;
import java.io.Serial;

/** This node's own disk refused while something was read from a server or written to it. */
final class LocalFailure extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    LocalFailure(IOException cause) {
        super(cause.toString(), cause);
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
