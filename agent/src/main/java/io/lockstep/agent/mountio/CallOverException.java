package io.lockstep.agent.mountio;

import java.io.IOException;
import java.io.Serial;

/** There is no use in sending more of a call: it has its outcome. */
final class CallOverException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    CallOverException() {
        super("the call is over");
    }
}
