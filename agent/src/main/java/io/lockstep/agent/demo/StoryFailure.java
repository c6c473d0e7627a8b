package io.lockstep.agent.demo;

import java.io.Serial;

/** A step of the demo was not observed; the message says which. */
final class StoryFailure extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    StoryFailure(String message) {
        super(message);
    }
}
