package io.lockstep.agent.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.agent.tls.CertificateAuthority;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Serving;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.ThrowingRunnable;

/** A cluster of agents, one a host, over a share that each host mounts by itself. The first node is the manager. */
final class LabCluster implements AutoCloseable {
    static final String ID = "lab";

    /** Short, so that a test is. */
    static final String SHORT_TIMES = """
            scan: {interval: 2s, probeInterval: 500ms, replicaInterval: 1s}
            timing: {lossTimeout: 3s, returnAfter: 3s, driftGrace: 2s, settleShare: 500ms, shareDeadline: 3s, exchangeInterval: 500ms}
            """;

    /** Generous, since nothing here is a measurement. */
    static final Duration PATIENCE = Duration.ofSeconds(150);

    private static final int LOG_LINES = 200;

    private final Path directory;
    private final List<LabNode> nodes;

    private LabCluster(Path directory, List<LabNode> nodes) {
        this.directory = directory;
        this.nodes = List.copyOf(nodes);
    }

    /**
     * Makes certificates and a directory for each node, and no configuration yet.
     *
     * @param directory absolute
     */
    static LabCluster make(Path directory, List<? extends LabMachine> machines) throws IOException {
        var clock = Clock.systemUTC();
        var authority = CertificateAuthority.create(Files.createDirectories(directory.resolve("ca")), ID, clock);
        var nodes = new ArrayList<LabNode>();
        for (var machine : machines) {
            var home = Files.createDirectories(directory.resolve(machine.name()));
            var node = new LabNode(machine, home, clock);
            authority.issue(
                    Files.createDirectories(home.resolve("tls")),
                    machine.name(),
                    List.of(machine.address(), "127.0.0.1"));
            Files.createDirectories(node.mountpoint());
            Files.createDirectories(node.live().getParent());
            Files.createDirectories(node.replica().getParent());
            nodes.add(node);
        }
        return new LabCluster(directory, nodes);
    }

    /**
     * Writes the nodes' configurations, and gives each machine its node's directory.
     *
     * @param times the sections {@code scan} and {@code timing}, or nothing for the defaults
     * @param moreOfTree further keys of the tree for a node, such as {@code mount}, each a line of six spaces
     */
    void configure(String times, Function<LabNode, String> moreOfTree) throws IOException, InterruptedException {
        var members = nodes.stream()
                .map(node -> "    - {name: " + node.name() + ", control: \"https://"
                        + node.machine().address() + ":" + LabNode.CONTROL_PORT + "\"}\n")
                .collect(Collectors.joining());
        for (var node : nodes) {
            var tls = node.configuration().resolveSibling("tls");
            Files.writeString(
                    node.configuration(),
                    "cluster:\n  id: " + ID + "\n  manager: " + manager().name() + "\n  members:\n" + members
                            + "node: {name: " + node.name() + ", state: " + node.state() + "}\n"
                            + "trees:\n  - name: server\n    share: " + node.share() + "\n    live: " + node.live()
                            + "\n    replica: " + node.replica() + "\n" + moreOfTree.apply(node)
                            + "ops: {host: 0.0.0.0, port: " + LabNode.OPS_PORT + "}\n"
                            + "control:\n  host: 0.0.0.0\n  port: " + LabNode.CONTROL_PORT + "\n  tls: {ca: "
                            + tls.resolve("ca.pem") + ", certificate: " + tls.resolve(node.name() + ".pem")
                            + ", key: " + tls.resolve(node.name() + "-key.pem") + "}\n" + times);
            node.machine().provide(directory.resolve(node.name()));
        }
    }

    /** Puts a marker and a tree onto the share by this node's mount. */
    void prepareShare(LabNode node) throws IOException, InterruptedException {
        var sample = directory.resolve("sample");
        for (var name : List.of("Account", "Billing", "Fleet", "Order", "Parcel", "Stock", "Ticket", "Weather")) {
            write(sample.resolve(api(name)), name);
            write(sample.resolve("synapse-configs/default/endpoints/" + name + "--v1.0.0_Endpoint.xml"), name);
        }
        write(sample.resolve("synapse-configs/default/sequences/main.xml"), "main");
        node.machine().run("mkdir", "-p", node.share().toString());
        node.machine().run("cp", "-a", sample + "/.", node.share().toString());
        cli(node, "setup", "--share", node.share().toString(), "--cluster", ID);
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "<sample name=\"" + text + "\"/>\n");
    }

    private static String api(String name) {
        return "synapse-configs/default/api/admin--" + name + "_v1.0.0.xml";
    }

    /** Runs the command line on the node's host, and returns what it wrote. */
    String cli(LabNode node, String... arguments) throws IOException, InterruptedException {
        return node.machine()
                .run(LabNode.java("io.lockstep.agent.cli.Lockstep", arguments).toArray(new String[0]));
    }

    /** Writes an API into a directory of the node's host as a Gateway does: in place, and not in one step. */
    String publish(LabNode node, Path root, String name) throws IOException, InterruptedException {
        return change(node, root, name, name);
    }

    /** Writes a text into an API that is there, likewise. */
    String change(LabNode node, Path root, String name, String text) throws IOException, InterruptedException {
        var path = api(name);
        node.machine()
                .run(
                        "bash",
                        "-c",
                        "set -e; printf '<sample name=' > \"$1\"; printf '\"%s\"/>\\n' \"$2\" >> \"$1\"",
                        "publish",
                        root.resolve(path).toString(),
                        text);
        return path;
    }

    List<LabNode> nodes() {
        return nodes;
    }

    LabNode manager() {
        return nodes.get(0);
    }

    List<LabNode> allBut(LabNode... others) {
        return nodes.stream().filter(node -> !List.of(others).contains(node)).toList();
    }

    void start() throws IOException, InterruptedException {
        for (var node : nodes) {
            node.start();
        }
    }

    /** Waits until these nodes serve one root digest in {@code mode}, by the mount or by the replica. */
    void awaitServing(Mode mode, Serving by, List<LabNode> which) throws InterruptedException {
        until("serving in " + mode + " by the " + by, () -> {
            var roots = new HashSet<String>();
            for (var node : which) {
                if (!node.isAlive()) {
                    throw new IllegalStateException(node.name() + "'s agent has ended: " + node.lastLogLines(20));
                }
                var ready = answer(node, "/ready");
                assertThat(ready.status()).as(node.name() + ": " + ready).isEqualTo(200);
                assertThat(ready.text("mode")).as(node.name()).isEqualTo(mode.name());
                assertThat(node.leadsTo())
                        .as(node.name())
                        .isEqualTo((by == Serving.MOUNT ? node.share() : node.replica()).toString());
                roots.add(ready.text("generation") + " " + ready.text("rootDigest"));
            }
            assertThat(roots).hasSize(1);
        });
    }

    /** Waits until these nodes say of their mount that it is not proven, each for one of these reasons. */
    void awaitMountLost(Set<Reason> reasons, List<LabNode> which) throws InterruptedException {
        until("the mount is lost because of " + reasons, () -> {
            for (var node : which) {
                var mount = answer(node, "/mount");
                assertThat(mount.status()).as(node.name() + ": " + mount).isEqualTo(503);
                assertThat(Reason.valueOf(mount.text("reason"))).as(node.name()).isIn(reasons);
            }
        });
    }

    void awaitMountProven(List<LabNode> which) throws InterruptedException {
        until("the mount is proven", () -> {
            for (var node : which) {
                assertThat(answer(node, "/mount").status()).as(node.name()).isEqualTo(200);
            }
        });
    }

    static LabWatch.Answer answer(LabNode node, String path) {
        var answer = node.watch().latest(path);
        assertThat(answer).as(node.name() + " " + path).isPresent();
        return answer.get();
    }

    /** A member as the node tells of it. */
    static JsonNode member(LabNode node, LabNode of) {
        for (var member : answer(node, LabAsker.CONTROL).body().path("members")) {
            if (member.path("name").asText().equals(of.name())) {
                return member;
            }
        }
        throw new AssertionError(node.name() + " does not tell of " + of.name());
    }

    /** Waits until the share, and these nodes' replicas and what their Gateways read, are exactly this tree. */
    void awaitEverywhere(Map<String, String> expected, List<LabNode> which) throws InterruptedException {
        until("every tree is as expected", () -> {
            for (var node : which) {
                assertSame(node.name() + "'s replica", node.machine().tree(node.replica()), expected);
                assertSame(node.name() + "'s live path", node.machine().tree(node.live()), expected);
            }
        });
    }

    /** Fails naming the first paths that differ. */
    static void assertSame(String what, Map<String, String> seen, Map<String, String> expected) {
        var paths = new HashSet<>(expected.keySet());
        paths.addAll(seen.keySet());
        assertThat(paths.stream()
                        .filter(path -> !expected.getOrDefault(path, "").equals(seen.getOrDefault(path, "")))
                        .map(path -> path + ": expected " + expected.getOrDefault(path, "nothing") + ", seen "
                                + seen.getOrDefault(path, "nothing"))
                        .sorted()
                        .limit(10))
                .as(what)
                .isEmpty();
    }

    /** From now on every answer of every node counts. */
    void startCounting() {
        nodes.forEach(node -> node.watch().startCounting());
    }

    /** Fails when a port did not answer within a second, twice in a row, since counting started. */
    void assertAlwaysAnswered() {
        for (var node : nodes) {
            assertThat(node.watch().missed())
                    .as(node.name() + " answers within a second")
                    .isEmpty();
        }
    }

    /** Waits until {@code assertion} holds, and shows the ends of the agents' logs when it never does. */
    void until(String what, ThrowingRunnable assertion) throws InterruptedException {
        try {
            await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(250)).untilAsserted(assertion);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(e.getMessage() + logs(), e);
        }
    }

    private String logs() throws InterruptedException {
        var text = new StringBuilder();
        for (var node : nodes) {
            text.append("\n--- the end of ").append(node.log()).append('\n');
            try {
                text.append(node.lastLogLines(LOG_LINES));
            } catch (IOException e) {
                text.append(e);
            }
        }
        return text.toString();
    }

    /** Ends the agents, and leaves their logs in the cluster's directory, for a guest's files go with it. */
    @Override
    public void close() throws IOException, InterruptedException {
        for (var node : nodes) {
            node.stop();
            Files.writeString(directory.resolve(node.name() + ".log"), node.lastLogLines(Integer.MAX_VALUE));
        }
    }
}
