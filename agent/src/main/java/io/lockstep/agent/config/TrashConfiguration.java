package io.lockstep.agent.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/**
 * How long deleted and replaced content is kept: until both are over, or there is too much of it.
 *
 * @param keep 1h to 3650d
 * @param generations 1 to 10000
 * @param maxMiB for each tree, 1 to 1073741824; the oldest generations go first
 */
public record TrashConfiguration(
        @DurationMin(hours = 1) @DurationMax(days = 3650) Duration keep,
        @Min(1) @Max(10_000) int generations,
        @Min(1) @Max(1_073_741_824) int maxMiB) {

    public static final TrashConfiguration DEFAULTS = new TrashConfiguration(Duration.ofDays(7), 20, 10_240);
}
