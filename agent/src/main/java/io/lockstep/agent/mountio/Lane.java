package io.lockstep.agent.mountio;

/** Calls of one lane come one after the other; the lanes don't wait for each other. */
enum Lane {
    PROBE,
    WORK
}
