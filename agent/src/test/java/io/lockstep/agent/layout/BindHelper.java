package io.lockstep.agent.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The root helper as systemd would run it, in a namespace of the test. */
final class BindHelper {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Path PROGRAM =
            Path.of("../systemd/lockstep-bind").toAbsolutePath().normalize();

    private final MountNamespace host;
    private final Path directory;
    private Process process;

    private BindHelper(MountNamespace host, Path directory, Process process) {
        this.host = host;
        this.directory = directory;
        this.process = process;
    }

    /** @param conf the lines of its bind.conf */
    static BindHelper start(MountNamespace host, Path directory, String conf) throws Exception {
        Files.createDirectories(directory.resolve("run"));
        Files.writeString(directory.resolve("bind.conf"), conf);
        var helper = new BindHelper(host, directory, launch(host, directory));
        helper.awaitLog("serving");
        return helper;
    }

    private static Process launch(MountNamespace host, Path directory) throws IOException {
        return host.start(
                directory.resolve("bind.log"),
                PROGRAM.toString(),
                "serve",
                directory.resolve("bind.conf").toString(),
                directory.resolve("run/bind").toString());
    }

    /** Runs {@code prepare} to its end; its exit code. */
    static int prepare(MountNamespace host, Path directory) throws Exception {
        var process = host.start(
                directory.resolve("bind.log"),
                PROGRAM.toString(),
                "prepare",
                directory.resolve("bind.conf").toString());
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    Path fifo() {
        return directory.resolve("run/bind");
    }

    void ask(String line) throws IOException {
        askRaw((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    void askRaw(byte[] bytes) throws IOException {
        // For both ways, so that a test does not hang when nobody reads.
        try (var fifo = new RandomAccessFile(fifo().toFile(), "rw")) {
            fifo.write(bytes);
        }
    }

    String log() throws IOException {
        return Files.readString(directory.resolve("bind.log"), StandardCharsets.ISO_8859_1);
    }

    void awaitLog(String text) {
        await("the helper says: " + text)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(log()).contains(text));
    }

    void end() throws Exception {
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    void startAgain() throws Exception {
        process = launch(host, directory);
        await("the helper listens again")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(log().split("serving", -1)).hasSize(3));
    }
}
