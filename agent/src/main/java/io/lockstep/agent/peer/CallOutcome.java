package io.lockstep.agent.peer;

import java.time.Duration;

/** What became of a call to a peer. */
public sealed interface CallOutcome<T> {
    /**
     * The peer answered.
     *
     * @param value its answer
     * @param roundTrip from sending to the last byte of the answer, by the local clock; for people and metrics
     */
    record Answered<T>(T value, Duration roundTrip) implements CallOutcome<T> {}

    /**
     * The peer is there and did not give an answer that can be used: it refused, or its answer was too large or not what
     * was expected.
     *
     * @param status the HTTP status; 200 to 299 when the answer could not be used
     * @param error the peer's words, or what is wrong with its answer
     * @param remedy the peer's words of what to do, or empty
     */
    record Refused<T>(int status, String error, String remedy) implements CallOutcome<T> {}

    /**
     * No connection, or it was lost before an answer came. Whether the peer acted on the request is unknown.
     *
     * @param reason for people
     * @param isTlsFailure whether one side refused the other's certificate or protocol, so that files are to be looked at
     *     and not the network
     */
    record Unreachable<T>(String reason, boolean isTlsFailure) implements CallOutcome<T> {}

    /**
     * The deadline passed. Whether the peer acted on the request is unknown.
     *
     * @param deadline how long was waited
     */
    record TimedOut<T>(Duration deadline) implements CallOutcome<T> {}
}
