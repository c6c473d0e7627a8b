package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that can't start says why in one line, and by its exit code whether starting it again is of use. */
class StartIT {
    @TempDir
    private static Path directory;

    private static TestCluster cluster;

    @BeforeAll
    static void makeCluster() throws Exception {
        cluster = TestCluster.make(directory, 2);
    }

    @AfterAll
    static void endAgents() throws Exception {
        cluster.close();
    }

    private static Program agent(Path configuration) throws Exception {
        return Program.start(directory.resolve("output"), "agent", "--while-stdin-is-open", configuration.toString());
    }

    @Test
    void aPortInUseIsNamed() throws Exception {
        var node = cluster.manager();
        try (var taken = new ServerSocket(node.opsPort(), 1, InetAddress.getLoopbackAddress())) {
            var agent = agent(node.configuration());
            assertThat(agent.exitCode()).as(agent.text()).isEqualTo(71);
            assertThat(agent.text().lines().filter(line -> line.startsWith("lockstep: ")))
                    .singleElement()
                    .asString()
                    .contains(Integer.toString(taken.getLocalPort()));
        }
    }

    @Test
    void anUnknownKeyIsNamed() throws Exception {
        var wrong = Files.copy(cluster.manager().configuration(), directory.resolve("wrong.yml"));
        Files.writeString(wrong, "timming: {settle: 1s}\n", StandardOpenOption.APPEND);
        var agent = agent(wrong);
        assertThat(agent.exitCode()).as(agent.text()).isEqualTo(78);
        assertThat(agent.text().lines()).singleElement().asString().contains("timming", "timing");
    }

    @Test
    void aStateDirectoryOfARunningAgentIsNamed() throws Exception {
        var node = cluster.workers().get(0);
        node.start();
        cluster.until("the agent is up", () -> assertThat(node.ask("/live")).isPresent());
        var agent = agent(node.configuration());
        assertThat(agent.exitCode()).as(agent.text()).isNotZero();
        assertThat(agent.text()).contains(node.mount().resolveSibling("state").toString());
        assertThat(node.isAlive()).isTrue();
    }
}
