package io.lockstep.health;

import java.time.Duration;

/**
 * When evidence is too old and a lag too long, and what a node answers when all have lost the share.
 *
 * @param loopBeat the longest time between two turns of the control loop that {@code /live} accepts
 * @param staleAfter the longest age of the last look at what the Gateway reads
 * @param readyLag the longest time that a ready node may serve something else than the reference
 * @param onTotalOutage whether nodes stay in rotation then
 */
public record HealthLimits(Duration loopBeat, Duration staleAfter, Duration readyLag, TotalOutage onTotalOutage) {
    /** The same with another lag. */
    public HealthLimits withReadyLag(Duration lag) {
        return new HealthLimits(loopBeat, staleAfter, lag, onTotalOutage);
    }
}
