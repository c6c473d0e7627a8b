package io.lockstep.agent.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/**
 * How long deleted and replaced content is kept: until both are over.
 *
 * @param keep 1h to 3650d
 * @param generations 1 to 10000
 */
public record TrashConfiguration(
        @DurationMin(hours = 1) @DurationMax(days = 3650) Duration keep,
        @Min(1) @Max(10_000) int generations) {

    public static final TrashConfiguration DEFAULTS = new TrashConfiguration(Duration.ofDays(7), 20);
}
