package io.lockstep.agent.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.agent.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One agent of the demo: its directory, its ports, and its process. Only one thread at a time. */
public final class DemoNode {
    private static final ObjectMapper JSON = Json.mapper();
    private static final int ANSWER_MILLIS = 2000;

    private final String name;
    private final Path directory;
    private final int opsPort;
    private final int controlPort;
    private Optional<Process> process = Optional.empty();

    DemoNode(String name, Path directory, int opsPort, int controlPort) {
        this.name = name;
        this.directory = directory;
        this.opsPort = opsPort;
        this.controlPort = controlPort;
    }

    /** What the ops port answered: the status, and the JSON. */
    public record Health(int status, JsonNode body) {
        public boolean isOk() {
            return status == HttpURLConnection.HTTP_OK;
        }

        public String text(String field) {
            return body.path(field).asText("");
        }
    }

    public String name() {
        return name;
    }

    public Path configuration() {
        return directory.resolve("lockstep.yml");
    }

    /** What the node calls its mount: a link to the share, so that the demo can damage one node's view. */
    public Path mount() {
        return directory.resolve("mount");
    }

    public Path live() {
        return directory.resolve("gateway/repository/deployment/server");
    }

    public Path replica() {
        return directory.resolve("replica/server");
    }

    public Path log() {
        return directory.resolve("agent.log");
    }

    public String ops() {
        return "http://127.0.0.1:" + opsPort;
    }

    public String control() {
        return "https://127.0.0.1:" + controlPort;
    }

    public int opsPort() {
        return opsPort;
    }

    public int controlPort() {
        return controlPort;
    }

    public long pid() {
        return process.map(Process::pid).orElse(-1L);
    }

    public boolean isAlive() {
        return process.filter(Process::isAlive).isPresent();
    }

    /** Starts the agent with the program and the options that this process itself runs with. */
    public void start() throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx512m", "-Xshare:auto", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"));
        command.addAll(List.of("-Dfile.encoding=UTF-8", "-Dsun.jnu.encoding=UTF-8"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.lockstep.agent.cli.Lockstep"));
        command.addAll(List.of("agent", "--while-stdin-is-open", configuration().toString()));
        var builder = new ProcessBuilder(command);
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        process = Optional.of(builder.start());
    }

    /** Asks the agent to stop, waits, and ends it when it does not. */
    public void stop(Duration patience) throws InterruptedException {
        if (process.isEmpty()) {
            return;
        }
        process.get().destroy();
        if (!process.get().waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            process.get().destroyForcibly().waitFor();
        }
    }

    /** Asks the ops port; empty when it does not answer. */
    public Optional<Health> ask(String path) {
        try {
            var connection =
                    (HttpURLConnection) URI.create(ops() + path).toURL().openConnection();
            connection.setConnectTimeout(ANSWER_MILLIS);
            connection.setReadTimeout(ANSWER_MILLIS);
            int status = connection.getResponseCode();
            try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                return Optional.of(new Health(status, JSON.readTree(body)));
            }
        } catch (IOException e) {
            // Not up yet, or down: both are simply no answer, which the story waits for or reports.
            return Optional.empty();
        }
    }

    /** The last lines of the agent's log, for a story that failed. */
    public List<String> lastLogLines(int count) throws IOException {
        if (!Files.exists(log())) {
            return List.of();
        }
        var lines = Files.readAllLines(log());
        return lines.subList(Math.max(0, lines.size() - count), lines.size());
    }
}
