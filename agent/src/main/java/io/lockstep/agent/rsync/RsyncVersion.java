package io.lockstep.agent.rsync;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A version of rsync, as the first line of {@code rsync --version} prints it. Ordered; a pre-release
 * ({@code 3.4.3pre1}, {@code 3.5.0dev}) comes before its release.
 *
 * @param suffix what follows the numbers without a blank; empty for a release
 */
public record RsyncVersion(int major, int minor, int patch, String suffix) implements Comparable<RsyncVersion> {
    /** The oldest version that is used: older ones lack security fixes. */
    public static final RsyncVersion OLDEST = new RsyncVersion(3, 4, 3, "");

    // Three digits a number are plenty, and can't overflow.
    private static final Pattern FIRST_LINE = Pattern.compile(
            "rsync\\s+version v?(\\d{1,3})\\.(\\d{1,3})(?:\\.(\\d{1,3}))?(\\S{0,40})\\s+protocol version .*");

    private static final Comparator<RsyncVersion> ORDER = Comparator.comparingInt(RsyncVersion::major)
            .thenComparingInt(RsyncVersion::minor)
            .thenComparingInt(RsyncVersion::patch)
            .thenComparing(version -> !version.isPreRelease())
            .thenComparing(RsyncVersion::suffix);

    /** Reads the first line of {@code rsync --version}; empty when it is not rsync's (openrsync's, for one). */
    public static Optional<RsyncVersion> parse(String firstLine) {
        var matcher = FIRST_LINE.matcher(firstLine.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        var patch = matcher.group(3);
        return Optional.of(new RsyncVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                patch == null ? 0 : Integer.parseInt(patch),
                matcher.group(4)));
    }

    private boolean isPreRelease() {
        return suffix.startsWith("pre") || suffix.startsWith("dev");
    }

    @Override
    public int compareTo(RsyncVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch + suffix;
    }
}
