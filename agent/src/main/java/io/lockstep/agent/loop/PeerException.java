package io.lockstep.agent.loop;

import java.io.Serial;

/** A member could not be asked; the message names it and says why. */
public final class PeerException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    public PeerException(String message) {
        super(message);
    }

    public PeerException(String message, Throwable cause) {
        super(message, cause);
    }
}
