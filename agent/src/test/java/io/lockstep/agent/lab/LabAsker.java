package io.lockstep.agent.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.ConfigurationFile;
import io.lockstep.agent.json.Json;
import io.lockstep.agent.peer.CallOutcome;
import io.lockstep.agent.peer.ControlClient;
import io.lockstep.agent.peer.PeerAddress;
import io.lockstep.agent.tls.NodeIdentity;
import io.lockstep.agent.tls.TlsFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A program beside an agent that asks its ports all the time, as a load balancer and an operator would, and writes each
 * answer as a line of JSON: {@code ask}, {@code status} (0 for none in time), {@code millis}, {@code body}. It ends with
 * its standard input.
 *
 * <p>Arguments: the agent's configuration, the address of its ops port, and the pause between two rounds in ms.
 */
public final class LabAsker {
    /** The path under which the answers of the control port stand. */
    static final String CONTROL = "/v1/status";

    private static final List<String> OPS = List.of("/live", "/ready", "/mount");
    private static final Duration DEADLINE = Duration.ofSeconds(1);
    private static final ObjectMapper JSON = Json.mapper();

    private final AgentConfiguration configuration;
    private final ControlClient control;
    private final PeerAddress self;
    private final String opsAddress;
    private final Clock clock;

    private LabAsker(AgentConfiguration configuration, String opsAddress, Clock clock) throws IOException {
        var tls = configuration.control().tls();
        var files = new TlsFiles(tls.ca(), tls.certificate(), tls.key());
        this.configuration = configuration;
        this.opsAddress = opsAddress;
        this.clock = clock;
        self = new PeerAddress(configuration.self().name(), configuration.self().control());
        control = new ControlClient(
                NodeIdentity.load(files, clock),
                List.of(self),
                JSON,
                clock,
                ControlClient.DEFAULT_RESPONSE_LIMIT_BYTES);
    }

    public static void main(String[] arguments) throws Exception {
        var asker = new LabAsker(ConfigurationFile.load(Path.of(arguments[0])), arguments[1], Clock.systemUTC());
        var threads = Executors.newScheduledThreadPool(2);
        long pause = Long.parseLong(arguments[2]);
        var ops = threads.scheduleWithFixedDelay(asker::askOps, 0, pause, TimeUnit.MILLISECONDS);
        var calls = threads.scheduleWithFixedDelay(asker::askControl, 0, 2 * pause, TimeUnit.MILLISECONDS);
        while (System.in.read() >= 0) {}
        ops.cancel(true);
        calls.cancel(true);
        System.exit(0);
    }

    private void askOps() {
        for (var path : OPS) {
            long startedAt = clock.millis();
            int status = 0;
            JsonNode body = JSON.createObjectNode();
            try {
                var url = URI.create("http://" + opsAddress + ":"
                                + configuration.ops().port() + path)
                        .toURL();
                var connection = (HttpURLConnection) url.openConnection();
                connection.setConnectTimeout((int) DEADLINE.toMillis());
                connection.setReadTimeout((int) DEADLINE.toMillis());
                int code = connection.getResponseCode();
                try (InputStream stream = code < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                    body = JSON.readTree(stream);
                }
                status = code;
            } catch (IOException e) {
                // No answer in time is what status 0 says.
                body = JSON.createObjectNode().put("error", e.toString());
            }
            tell(path, status, clock.millis() - startedAt, body);
        }
    }

    private void askControl() {
        long startedAt = clock.millis();
        try {
            var outcome = control.get(self, CONTROL, JsonNode.class, DEADLINE);
            long millis = clock.millis() - startedAt;
            if (outcome instanceof CallOutcome.Answered<JsonNode> answered) {
                tell(CONTROL, HttpURLConnection.HTTP_OK, millis, answered.value());
            } else {
                tell(CONTROL, 0, millis, JSON.createObjectNode().put("error", outcome.toString()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One line at a time, whichever thread writes. */
    private static synchronized void tell(String ask, int status, long millis, JsonNode body) {
        var line = JSON.createObjectNode();
        line.put("ask", ask).put("status", status).put("millis", millis).set("body", body);
        System.out.println(line);
        System.out.flush();
    }
}
