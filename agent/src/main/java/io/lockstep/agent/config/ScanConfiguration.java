package io.lockstep.agent.config;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;

/**
 * How often and how hard the trees are read.
 *
 * @param interval between two scans of the share, 100ms to 1h
 * @param probeInterval between two looks at the share's marker, 100ms to 1m; a share that goes away is found this fast
 * @param replicaInterval between two scans of the replica, 100ms to 1h
 * @param threads that read directories and files of one scan, 1 to 64
 * @param racyWindow an entry changed less than this before a scan's start is hashed again, 10ms to 1m; the share's
 *     clock tick and its attribute cache must fit in
 * @param maxShareOfTime of all time that scans may take, 0.01 to 1; the interval stretches to keep to it
 * @param digestAllEvery after this every file is hashed again, whatever its stamp says, 1m to 30d
 */
public record ScanConfiguration(
        @DurationMin(millis = 100) @DurationMax(hours = 1) Duration interval,
        @DurationMin(millis = 100) @DurationMax(minutes = 1) Duration probeInterval,
        @DurationMin(millis = 100) @DurationMax(hours = 1) Duration replicaInterval,
        @Min(1) @Max(64) int threads,
        @DurationMin(millis = 10) @DurationMax(minutes = 1) Duration racyWindow,
        @DecimalMin("0.01") @DecimalMax("1") double maxShareOfTime,
        @DurationMin(minutes = 1) @DurationMax(days = 30) Duration digestAllEvery) {

    public static final ScanConfiguration DEFAULTS = new ScanConfiguration(
            Duration.ofSeconds(15),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            2,
            Duration.ofSeconds(2),
            0.2,
            Duration.ofHours(24));
}
