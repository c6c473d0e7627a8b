package io.lockstep.agent.mountio;

import java.time.Duration;

/** What came of a call. */
public sealed interface Called<T> {
    /** It was answered. */
    record Answered<T>(T value) implements Called<T> {}

    /**
     * It hung, and its child was killed; or the child that was killed last still hangs, and it is too soon for another.
     *
     * @param step the call to the operating system that does not return, such as {@code read of /mnt/wso2/server/a.xml}
     */
    record Hung<T>(String step, Duration waited) implements Called<T> {}

    /** It was not tried: as many children hang as may. */
    record Stuck<T>(String detail) implements Called<T> {}

    /** The child could not be started, ended by itself, refused, or the agent stops: that says nothing of the share. */
    record Failed<T>(String detail) implements Called<T> {}

    /** The same outcome, for a value of another type; only of one that has none. */
    static <T> Called<T> same(Called<?> called) {
        if (called instanceof Hung<?> hung) {
            return new Hung<>(hung.step(), hung.waited());
        }
        if (called instanceof Stuck<?> stuck) {
            return new Stuck<>(stuck.detail());
        }
        if (called instanceof Failed<?> failed) {
            return new Failed<>(failed.detail());
        }
        throw new IllegalArgumentException("an answer has a value");
    }
}
