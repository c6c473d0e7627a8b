package io.lockstep.health;

import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import java.time.Instant;
import java.util.Optional;

/**
 * What a health endpoint answers; these fields, in this order, are its JSON.
 *
 * @param ok 200 when true, 503 when false
 * @param state one of ok, kept (it has a problem and stays in rotation), unavailable, starting,
 *     stale or no (the question's answer is simply no)
 * @param reason why
 * @param remedy what a person can do
 * @param observedAt when the evidence was gathered
 * @param evidenceAgeSeconds how old it is; -1 before there is any
 */
public record HealthAnswer(
        boolean ok,
        State state,
        Reason reason,
        String remedy,
        Instant observedAt,
        double evidenceAgeSeconds,
        Mode mode,
        long epoch,
        Optional<GenerationId> generation,
        Optional<Digest> rootDigest) {
    /** The same, with something to know besides what can be done. */
    public HealthAnswer withMore(String more) {
        return new HealthAnswer(
                ok,
                state,
                reason,
                remedy + "; " + more,
                observedAt,
                evidenceAgeSeconds,
                mode,
                epoch,
                generation,
                rootDigest);
    }

    /** The answer in a word; printed in lower case. */
    public enum State {
        OK,
        KEPT,
        UNAVAILABLE,
        STARTING,
        STALE,
        NO
    }
}
