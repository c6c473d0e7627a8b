package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.agent.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a user runs it: it tells its story, and leaves no process and no port however it ends. */
class DemoIT {
    @TempDir
    private Path directory;

    private Optional<Program> program = Optional.empty();

    @AfterEach
    void endDemo() throws Exception {
        if (program.isPresent()) {
            program.get().kill();
        }
        awaitNothingLeft();
    }

    private Program demo(String... more) throws IOException {
        var arguments = new ArrayList<>(List.of("demo", "--nodes", "2", "--dir", home().toString()));
        arguments.addAll(List.of(more));
        var started = Program.start(directory.resolve("output"), arguments.toArray(new String[0]));
        program = Optional.of(started);
        return started;
    }

    private Path home() {
        return directory.resolve("demo");
    }

    @Test
    void theStoryIsToldOnceAndNothingIsLeft() throws Exception {
        var demo = demo("--once");
        var nodes = awaitDescription(demo);
        assertThat(demo.exitCode()).as(demo.text()).isZero();
        awaitNothingLeft();
        assertPortsAreFree(nodes);
    }

    @Test
    void anInterruptEndsTheAgents() throws Exception {
        var demo = demo("--idle");
        var nodes = awaitDescription(demo);
        demo.interrupt();
        demo.exitCode();
        awaitNothingLeft();
        assertPortsAreFree(nodes);
    }

    @Test
    void theAgentsEndByThemselvesWhenTheDemoIsKilled() throws Exception {
        var demo = demo("--idle");
        var nodes = awaitDescription(demo);
        demo.kill();
        awaitNothingLeft();
        assertPortsAreFree(nodes);
    }

    /** The nodes as {@code demo.json} tells them, which appears when all are up. */
    private List<JsonNode> awaitDescription(Program demo) throws IOException {
        var file = home().resolve("demo.json");
        await("demo.json is written").atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            assertThat(demo.process().isAlive()).as(demo.text()).isTrue();
            assertThat(file).exists();
        });
        var root = Json.mapper().readTree(Files.readString(file));
        assertThat(Path.of(root.path("share").asText())).isDirectory();
        var nodes = new ArrayList<JsonNode>();
        root.path("nodes").forEach(nodes::add);
        assertThat(nodes).hasSize(2);
        for (var node : nodes) {
            assertThat(ProcessHandle.of(node.path("pid").asLong())).get().matches(ProcessHandle::isAlive);
            assertThat(Path.of(node.path("config").asText())).isRegularFile();
            assertThat(Path.of(node.path("live").asText())).isSymbolicLink();
            assertThat(Path.of(node.path("replica").asText())).isDirectory();
            assertThat(node.path("ops").asText()).startsWith("http://").doesNotEndWith("/");
            assertThat(node.path("control").asText()).startsWith("https://").doesNotEndWith("/");
        }
        return nodes;
    }

    private void awaitNothingLeft() {
        await("no process of the demo is left")
                .atMost(TestCluster.PATIENCE)
                .pollInterval(Duration.ofMillis(250))
                .untilAsserted(() -> assertThat(TestCluster.processesOf(home())).isEmpty());
    }

    /** The kernel releases a killed process's sockets a moment after its command line. */
    private static void assertPortsAreFree(List<JsonNode> nodes) {
        await("the ports are free").atMost(TestCluster.PATIENCE).untilAsserted(() -> {
            for (var node : nodes) {
                for (var url :
                        List.of(node.path("ops").asText(), node.path("control").asText())) {
                    assertThatCode(() -> bind(URI.create(url).getPort()))
                            .as(url)
                            .doesNotThrowAnyException();
                }
            }
        });
    }

    private static void bind(int port) throws IOException {
        new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
    }
}
