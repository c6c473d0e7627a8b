package io.lockstep.agent.mountio;

/** The value of a call whose answer went elsewhere. */
enum Nothing {
    NOTHING
}
