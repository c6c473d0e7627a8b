package io.lockstep.agent.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/**
 * How kept content is looked after.
 *
 * @param scrubEvery every kept file is digested anew after this, 1s to 3650d
 * @param scrubMiBPerSecond no faster than this, 1 to 10000
 */
public record StoreConfiguration(
        @DurationMin(seconds = 1) @DurationMax(days = 3650) Duration scrubEvery,
        @Min(1) @Max(10_000) int scrubMiBPerSecond) {

    public static final StoreConfiguration DEFAULTS = new StoreConfiguration(Duration.ofDays(7), 10);
}
