package io.lockstep.agent.posix;

/** What came of a call that returns something: the thing, or the operating system's reason why not. */
public sealed interface Attempt<T> {
    /** It was done. */
    record Done<T>(T value) implements Attempt<T> {}

    /** It was refused. */
    record Failed<T>(Errno errno) implements Attempt<T> {}
}
