package io.lockstep.agent.config;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/**
 * How long the decisions wait.
 *
 * @param lossTimeout the share is lost when nothing of it was seen for this long, 200ms to 10m
 * @param returnAfter the share is back when it was seen without a break for this long, 200ms to 1h
 * @param driftGrace drift is reported when two looks this far apart show it, 0s to 10m
 * @param settle a file of the replica is taken when it was quiet for this long, 10ms to 1m
 * @param settleShare a file of the share is taken when two looks this far apart see the same, 10ms to 10m
 * @param exchangeInterval between two exchanges with each peer, 50ms to 1m
 * @param readyLag a node that is further behind the reference is not ready, 1s to 1h
 * @param staleAfter evidence older than this answers {@code stale}, 1s to 1h
 * @param shareDeadline a call to the share that takes longer has failed, 100ms to 10m
 * @param attributeCache for how long the mount may show old attributes, 0s to 10m
 */
public record TimingConfiguration(
        @DurationMin(millis = 200) @DurationMax(minutes = 10)
        Duration lossTimeout,

        @DurationMin(millis = 200) @DurationMax(hours = 1) Duration returnAfter,
        @DurationMin @DurationMax(minutes = 10) Duration driftGrace,
        @DurationMin(millis = 10) @DurationMax(minutes = 1) Duration settle,
        @DurationMin(millis = 10) @DurationMax(minutes = 10) Duration settleShare,
        @DurationMin(millis = 50) @DurationMax(minutes = 1) Duration exchangeInterval,
        @DurationMin(seconds = 1) @DurationMax(hours = 1) Duration readyLag,
        @DurationMin(seconds = 1) @DurationMax(hours = 1) Duration staleAfter,

        @DurationMin(millis = 100) @DurationMax(minutes = 10)
        Duration shareDeadline,

        @DurationMin @DurationMax(minutes = 10) Duration attributeCache) {

    public static final TimingConfiguration DEFAULTS = new TimingConfiguration(
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofMillis(200),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofSeconds(10),
            Duration.ofSeconds(7));
}
