package io.lockstep.agent.mountio;

import java.io.IOException;
import java.io.Serial;

/** The other side of the pipe said something that is no frame, or no message; nothing it says from then on counts. */
public final class MalformedFrameException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    MalformedFrameException(String problem) {
        super("malformed frame: " + problem);
    }

    MalformedFrameException(String problem, Throwable cause) {
        super("malformed frame: " + problem, cause);
    }
}
