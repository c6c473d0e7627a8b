package io.lockstep.agent.app;

import java.io.Serial;

/** The agent can't start on this host as it is; the message says what is wrong, where, and what to do. */
public final class StartFailure extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    public StartFailure(String message) {
        super(message);
    }

    public StartFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
