package io.lockstep.agent.http;

import java.time.Duration;

/**
 * The bounds of the transport. Each holds for any behaviour of a peer.
 *
 * @param requestBodyBytes the largest body of a request on the control port; a larger one is answered with 413
 * @param opsThreads threads of the ops port; at least 4, since two of them accept and select
 * @param controlThreads threads of the control port; at least 4, likewise
 * @param opsConnections connections on the ops port at once; further ones wait in the kernel's queue
 * @param controlConnections connections on the control port at once, streams included; likewise
 * @param opsIdle an ops connection on which no byte moved for this long is closed
 * @param controlIdle a control connection likewise; longer than the peers' interval between two calls
 * @param streams raw streams at once; a further one is answered with 503
 * @param streamPayloadBytes the largest payload at the start of a raw stream
 * @param streamIdle a raw stream on which no byte moved for this long is ended
 * @param stop how long {@code stop} waits for requests under way
 */
public record HttpLimits(
        int requestBodyBytes,
        int opsThreads,
        int controlThreads,
        int opsConnections,
        int controlConnections,
        Duration opsIdle,
        Duration controlIdle,
        int streams,
        int streamPayloadBytes,
        Duration streamIdle,
        Duration stop) {

    public HttpLimits {
        atLeast("requestBodyBytes", requestBodyBytes, 0);
        atLeast("opsThreads", opsThreads, 4);
        atLeast("controlThreads", controlThreads, 4);
        atLeast("opsConnections", opsConnections, 1);
        atLeast("controlConnections", controlConnections, 1);
        atLeast("streams", streams, 1);
        atLeast("streamPayloadBytes", streamPayloadBytes, 0);
        positive("opsIdle", opsIdle);
        positive("controlIdle", controlIdle);
        positive("streamIdle", streamIdle);
        positive("stop", stop);
    }

    /** What fits a Gateway host with some tens of peers. */
    public static HttpLimits defaults() {
        return new HttpLimits(
                1 << 20,
                8,
                32,
                256,
                1024,
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                8,
                16 << 20,
                Duration.ofSeconds(60),
                Duration.ofSeconds(5));
    }

    private static void atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least " + least);
        }
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.toMillis() == 0) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least 1 ms");
        }
    }
}
