package io.lockstep.agent.rsync;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What this host has as rsync. Only {@link Usable} can pull or serve. */
public sealed interface RsyncInstallation {
    /** How long {@code rsync --version} may take. */
    Duration PROBE_DEADLINE = Duration.ofSeconds(10);

    /** One line for people: what was found and what to do. */
    String message();

    /**
     * An rsync that is new enough.
     *
     * @param command the path of the program, or a name to be found in {@code PATH}
     */
    record Usable(String command, RsyncVersion version) implements RsyncInstallation {
        public Usable {
            if (version.compareTo(RsyncVersion.OLDEST) < 0) {
                throw new IllegalArgumentException("rsync " + version + " is older than " + RsyncVersion.OLDEST);
            }
        }

        @Override
        public String message() {
            return "rsync " + version + " (" + command + ") is usable";
        }
    }

    /** An rsync that lacks security fixes. */
    record TooOld(String command, RsyncVersion version) implements RsyncInstallation {
        @Override
        public String message() {
            return "rsync " + version + " (" + command + ") is older than " + RsyncVersion.OLDEST
                    + " and is refused: rsync had 45 security fixes since January 2025. Upgrade it:"
                    + " `apt-get update && apt-get install rsync` (bookworm-security ships 3.5.0)";
        }
    }

    /** No rsync. */
    record Absent(String command, String detail) implements RsyncInstallation {
        @Override
        public String message() {
            return "no rsync was found as '" + command + "' (" + detail + "). Install " + RsyncVersion.OLDEST
                    + " or later: `apt-get install rsync`";
        }
    }

    /** Something answers to the name that is not rsync, or does not answer. */
    record Unrecognised(String command, String detail) implements RsyncInstallation {
        @Override
        public String message() {
            return "'" + command + "' is not an rsync that can be used: " + detail + ". Install rsync "
                    + RsyncVersion.OLDEST + " or later (openrsync does not do): `apt-get install rsync`";
        }
    }

    /**
     * Asks {@code command --version}.
     *
     * @param command the path of the program, or a name to be found in {@code PATH}
     * @throws InterruptedException when interrupted while waiting; the program is killed
     */
    static RsyncInstallation probe(String command) throws InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(List.of(command, "--version"))
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(ProcessEnvironment.NULL_DEVICE))
                    .start();
        } catch (IOException e) {
            return new Absent(command, BoundedText.escape(String.valueOf(e.getMessage())));
        }
        // The pipe takes 64 KiB, ten times what rsync prints, so that the program can end before anyone reads.
        try {
            if (!process.waitFor(PROBE_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
                return new Unrecognised(command, "`--version` did not end within " + PROBE_DEADLINE);
            }
            var output = process.getInputStream().readNBytes(BoundedText.MAX_BYTES);
            var firstLine = new String(output, StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("");
            return of(command, firstLine);
        } catch (IOException e) {
            return new Unrecognised(command, "its answer to `--version` can't be read: " + e.getMessage());
        } finally {
            process.destroyForcibly();
        }
    }

    /** What an rsync is whose {@code --version} starts with this line. */
    static RsyncInstallation of(String command, String firstLine) {
        var version = RsyncVersion.parse(firstLine);
        if (version.isEmpty()) {
            return new Unrecognised(
                    command, "`--version` answers '" + BoundedText.escape(firstLine) + "' instead of rsync's line");
        }
        return version.get().compareTo(RsyncVersion.OLDEST) < 0
                ? new TooOld(command, version.get())
                : new Usable(command, version.get());
    }
}
