package io.lockstep.agent.config;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;

/** Durations as people write them: a whole number and a unit of {@code ms s m h d}, such as {@code 30s}. */
public final class DurationText {
    private enum Unit {
        MS(ChronoUnit.MILLIS, 1),
        S(ChronoUnit.SECONDS, 1),
        M(ChronoUnit.MINUTES, 1),
        H(ChronoUnit.HOURS, 1),
        // Below two days people say 24h, so days begin at two.
        D(ChronoUnit.DAYS, 2);

        private final ChronoUnit unit;
        private final long leastCount;

        Unit(ChronoUnit unit, long leastCount) {
            this.unit = unit;
            this.leastCount = leastCount;
        }

        boolean canWrite(Duration duration) {
            long nanos = unit.getDuration().toNanos();
            return duration.toNanos() % nanos == 0 && duration.toNanos() / nanos >= leastCount;
        }
    }

    private DurationText() {}

    /**
     * The duration that {@code text} says.
     *
     * @throws IllegalArgumentException when it is not a whole number with a unit, or out of range
     */
    public static Duration parse(String text) {
        return io.dropwizard.util.Duration.parse(text).toJavaDuration();
    }

    /** {@code duration} in the largest unit that shows it as a whole number; {@link #parse} reads it back. */
    public static String format(Duration duration) {
        return Arrays.stream(Unit.values())
                .filter(unit -> unit.canWrite(duration))
                .max(Comparator.naturalOrder())
                .map(unit -> duration.toNanos() / unit.unit.getDuration().toNanos()
                        + unit.name().toLowerCase(Locale.ROOT))
                .orElseGet(() -> duration.isZero() ? "0s" : duration.toNanos() + "ns");
    }
}
