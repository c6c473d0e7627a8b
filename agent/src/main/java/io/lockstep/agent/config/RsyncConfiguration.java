package io.lockstep.agent.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/**
 * The rsync program, the transport of generations.
 *
 * @param command a path, or a name looked up in {@code PATH}
 * @param timeout a transfer that takes longer is ended, 1s to 1h
 * @param maxServed transfers that this node serves at once, 1 to 64
 */
public record RsyncConfiguration(
        @NotBlank String command,
        @DurationMin(seconds = 1) @DurationMax(hours = 1) Duration timeout,
        @Min(1) @Max(64) int maxServed) {

    public static final RsyncConfiguration DEFAULTS = new RsyncConfiguration("rsync", Duration.ofMinutes(5), 8);
}
