package io.lockstep.agent.setup;

/** Called between any two effects, so that a test can end setup there. */
@FunctionalInterface
public interface Checkpoint {
    /** Goes on. */
    Checkpoint NONE = () -> {};

    void pass();
}
