package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockstep.agent.config.ConfigurationFile;
import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.demo.DemoCluster;
import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.json.Json;
import io.lockstep.agent.peer.CallOutcome;
import io.lockstep.agent.peer.ControlClient;
import io.lockstep.agent.peer.PeerAddress;
import io.lockstep.agent.tls.NodeIdentity;
import io.lockstep.agent.tls.TlsFiles;
import io.lockstep.cluster.Mode;
import io.lockstep.wire.ConflictReport;
import io.lockstep.wire.ShareRegistration;
import io.lockstep.wire.StatusReport;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.ThrowingRunnable;

/** A cluster of real agents, each a process of its own, over a directory that plays the share. */
final class TestCluster {
    /** Generous, since nothing here is a measurement: a loaded machine needs seconds to start a JVM. */
    static final Duration PATIENCE = Duration.ofSeconds(150);

    private static final Duration CALL = Duration.ofSeconds(10);
    private static final int LOG_LINES = 400;

    private final DemoCluster cluster;

    private TestCluster(DemoCluster cluster) {
        this.cluster = cluster;
    }

    /**
     * Makes a cluster in {@code directory} and starts its agents.
     *
     * @param directory what is in its {@code share} becomes the tree; without that a sample tree is made
     */
    static TestCluster start(Path directory, int nodes) throws Exception {
        var cluster = make(directory, nodes);
        cluster.cluster.start();
        return cluster;
    }

    /** The same without starting an agent. */
    static TestCluster make(Path directory, int nodes) throws Exception {
        var cluster = DemoCluster.create(directory, directory.resolve("share"), true, nodes, Clock.systemUTC());
        return new TestCluster(cluster);
    }

    /** The same over a directory that is there already, which no agent is started for either. */
    static TestCluster over(Path directory, Path share, int nodes) throws Exception {
        return new TestCluster(DemoCluster.create(directory, share, false, nodes, Clock.systemUTC()));
    }

    void start() throws Exception {
        cluster.start();
    }

    List<DemoNode> nodes() {
        return cluster.nodes();
    }

    DemoNode manager() {
        return cluster.manager();
    }

    List<DemoNode> workers() {
        return cluster.nodes().subList(1, cluster.nodes().size());
    }

    Path share() {
        return cluster.share();
    }

    Path marker() {
        return share().resolve(ShareMarker.DIRECTORY);
    }

    private Path away() {
        return share().resolveSibling("share.away");
    }

    void takeShareAway() throws Exception {
        Files.move(share(), away(), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Where the share's content is while it is away. */
    Path shareWhileAway() {
        return away();
    }

    void bringShareBack() throws Exception {
        Files.move(away(), share(), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Where the node keeps its stage, trash and conflicts. */
    static Path work(DemoNode node) throws Exception {
        return ConfigurationFile.load(node.configuration()).trees().get(0).work();
    }

    /** The cluster as {@code node} sees it; empty when it does not answer. */
    Optional<StatusReport> status(DemoNode node) {
        var outcome = call(node, client -> client.get(address(node), "/v1/status", StatusReport.class, CALL));
        return outcome instanceof CallOutcome.Answered<StatusReport> answered
                ? Optional.of(answered.value())
                : Optional.empty();
    }

    /** Approves a held plan at the manager, as an operator would. */
    CallOutcome<Object> approve(String id) {
        return call(
                manager(),
                client ->
                        client.post(address(manager()), "/v1/holds/" + id + "/approve", Map.of(), Object.class, CALL));
    }

    /** Has {@code node} register the shares that it sees, as an operator would have the manager. */
    CallOutcome<ShareRegistration[]> register(DemoNode node, String query) {
        return call(
                node,
                client -> client.post(
                        address(node), "/v1/shares/register" + query, Map.of(), ShareRegistration[].class, CALL));
    }

    /** What {@code node} keeps that was written and is not live. */
    ConflictReport conflicts(DemoNode node) {
        var outcome = call(node, client -> client.get(address(node), "/v1/conflicts", ConflictReport.class, CALL));
        assertThat(outcome).as("the conflicts of " + node.name()).isInstanceOf(CallOutcome.Answered.class);
        return ((CallOutcome.Answered<ConflictReport>) outcome).value();
    }

    /** Decides a conflict of {@code node}, as an operator would. */
    CallOutcome<ConflictReport.Conflict> take(DemoNode node, String id, String side) {
        var path = "/v1/conflicts/" + id + "/take?side=" + side;
        return call(node, client -> client.post(address(node), path, Map.of(), ConflictReport.Conflict.class, CALL));
    }

    /** Changes the configuration of a node that does not run. */
    static void reconfigure(DemoNode node, String before, String after) throws Exception {
        var text = Files.readString(node.configuration());
        assertThat(text).contains(before);
        Files.writeString(node.configuration(), text.replace(before, after));
    }

    /** The value of a metric's series, such as {@code lockstep_mode}; empty when there is none. */
    static Optional<Double> metric(DemoNode node, String series) throws Exception {
        try (var body = URI.create(node.ops() + "/metrics").toURL().openStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(series + " "))
                    .map(line -> Double.valueOf(line.substring(series.length() + 1)))
                    .findFirst();
        }
    }

    /** A call on the control port. */
    private interface Call<T> {
        CallOutcome<T> with(ControlClient client) throws InterruptedException;
    }

    private static <T> CallOutcome<T> call(DemoNode node, Call<T> call) {
        var tls = node.configuration().resolveSibling("tls");
        var clock = Clock.systemUTC();
        var files = new TlsFiles(
                tls.resolve("ca.pem"), tls.resolve(node.name() + ".pem"), tls.resolve(node.name() + "-key.pem"));
        try (var client = new ControlClient(
                NodeIdentity.load(files, clock),
                List.of(address(node)),
                Json.mapper(),
                clock,
                ControlClient.DEFAULT_RESPONSE_LIMIT_BYTES)) {
            return call.with(client);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static PeerAddress address(DemoNode node) {
        return new PeerAddress(node.name(), URI.create(node.control()));
    }

    /** The latest generation that the node says it has applied, as its number in the epoch; 0 when it does not say. */
    long appliedSeq(DemoNode node) {
        return status(node)
                .flatMap(report -> report.members().stream()
                        .filter(member -> member.name().value().equals(node.name()))
                        .findAny())
                .flatMap(StatusReport.Member::generation)
                .map(id -> id.seq())
                .orElse(0L);
    }

    /** Waits until every node is ready in {@code mode} and all of them serve one root digest, the manager's. */
    void awaitServing(Mode mode) {
        for (var node : nodes()) {
            assertThat(node.isAlive()).as(node.name() + " runs").isTrue();
        }
        until("all nodes serve one root in " + mode, () -> {
            var roots = new HashSet<String>();
            for (var node : nodes()) {
                var health = node.ask("/ready");
                assertThat(health).as(node.name()).isPresent();
                assertThat(health.get().text("state"))
                        .as(node.name() + " " + health.get())
                        .isEqualTo("ok");
                assertThat(health.get().text("mode")).as(node.name()).isEqualTo(mode.name());
                roots.add(health.get().text("generation") + " " + health.get().text("rootDigest"));
            }
            assertThat(roots).hasSize(1);
        });
    }

    /** Waits until every node's replica and what its Gateway reads are exactly {@code expected}. */
    void awaitEverywhere(Map<String, SeenTree.Entry> expected) {
        until("every tree is as expected", () -> {
            for (var node : nodes()) {
                SeenTree.assertSame(node.name() + "'s replica", SeenTree.look(node.replica()), expected);
                SeenTree.assertSame(node.name() + "'s live path", SeenTree.look(node.live()), expected);
            }
        });
    }

    /** Waits until {@code assertion} holds, and shows the ends of the agents' logs when it never does. */
    void until(String what, ThrowingRunnable assertion) {
        try {
            await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(250)).untilAsserted(assertion);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(e.getMessage() + logs(), e);
        }
    }

    private String logs() {
        var text = new StringBuilder();
        for (var node : nodes()) {
            text.append("\n--- the end of ").append(node.log()).append('\n');
            try {
                text.append(String.join("\n", node.lastLogLines(LOG_LINES)));
            } catch (java.io.IOException e) {
                text.append(e);
            }
        }
        return text.toString();
    }

    /** Ends the agent as a crash would. Returns when it is gone. */
    static void kill(DemoNode node) {
        ProcessHandle.of(node.pid()).ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
    }

    /** Ends all agents; fails when a process that names a directory of this cluster is left. */
    void close() throws InterruptedException {
        cluster.stop();
        await("no process of the cluster is left")
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(processesOf(cluster.directory())).isEmpty());
    }

    /** The command lines that name {@code directory}. */
    static List<String> processesOf(Path directory) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .flatMap(process -> process.info().commandLine().stream())
                .filter(line -> line.contains(directory.toString()))
                .toList();
    }
}
