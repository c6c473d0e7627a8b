package io.lockstep.agent.setup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program of the host to its end. */
final class HostCommand {
    /** A mount that takes longer hangs. */
    static final Duration MOUNT = Duration.ofSeconds(30);
    /** A copy of a Gateway's directory is a few minutes' work on a slow disk. */
    static final Duration COPY = Duration.ofHours(2);

    private static final int MOST_OUTPUT_BYTES = 4096;

    private HostCommand() {}

    /** @throws IOException with what the program said, when it fails or takes longer */
    static void run(Duration limit, String... command) throws IOException {
        var text = String.join(" ", command);
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.PIPE);
        var process = builder.start();
        process.getOutputStream().close();
        try (var out = process.getInputStream()) {
            var said = new String(out.readNBytes(MOST_OUTPUT_BYTES), StandardCharsets.UTF_8).strip();
            out.transferTo(java.io.OutputStream.nullOutputStream());
            if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(text + " takes longer than " + limit.toSeconds() + " s");
            }
            if (process.exitValue() != 0) {
                throw new IOException(text + " ended with " + process.exitValue() + ": " + said);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted in " + text, e);
        }
    }

    /** How the commands of a plan are printed: as they could be typed. */
    static String typed(String... words) {
        return String.join(" ", List.of(words).stream().map(HostCommand::quoted).toList());
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:=,@%+&|-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
