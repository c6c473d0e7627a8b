package io.lockstep.agent.loop;

import io.lockstep.cluster.Serving;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.View;
import java.util.Optional;

/**
 * The trees as the loop last saw them, for those who compare paths. Immutable; large, so handed on by reference only.
 *
 * @param reference the reference; empty before the first generation
 * @param manifest its manifest
 * @param share what the share shows; empty unless it is proven and was scanned
 * @param replica what the replica holds; empty before the first scan
 */
public record LoopViews(
        Serving serving,
        Optional<Generation> reference,
        Optional<Manifest> manifest,
        Optional<View> share,
        Optional<View> replica) {
    /** What the Gateway reads. */
    public Optional<View> served() {
        return switch (serving) {
            case MOUNT -> share;
            case REPLICA -> replica;
            case ELSEWHERE, ABSENT -> Optional.empty();
        };
    }
}
