package io.lockstep.agent.cli;

import java.util.Locale;

/** Numbers with their units, for people. */
final class Quantity {
    private static final long KIB = 1024;

    private Quantity() {}

    /** {@code 3.2 s}, {@code 14 min}, {@code 2.5 h} or {@code 3.1 d}. */
    static String seconds(double seconds) {
        if (seconds < 120) {
            return seconds == 0 ? "0 s" : format("%.1f s", seconds);
        }
        double hours = seconds / 3600;
        if (hours < 2) {
            return format("%.0f min", seconds / 60);
        }
        return hours < 48 ? format("%.1f h", hours) : format("%.1f d", hours / 24);
    }

    /** {@code 1,402}. */
    static String count(long count) {
        return format("%,d", count);
    }

    /** {@code 1 path}, {@code 1,402 paths}: a noun whose plural ends with s. */
    static String count(long count, String noun) {
        return count(count) + " " + noun + (count == 1 ? "" : "s");
    }

    /** {@code 12.3 MiB}. */
    static String bytes(long bytes) {
        if (bytes < KIB) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        while (value >= KIB && unit < 3) {
            value /= KIB;
            unit++;
        }
        return format("%.1f ", value) + "KMGT".charAt(unit) + "iB";
    }

    private static String format(String form, Object value) {
        return String.format(Locale.ROOT, form, value);
    }
}
