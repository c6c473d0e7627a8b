package io.lockstep.agent.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.json.Json;
import io.lockstep.agent.tls.CertificateAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The demo's nodes and share in one directory. */
public final class DemoCluster {
    /** The cluster's id, as in the share's marker. */
    public static final String ID = "demo";

    private static final Duration STOP_PATIENCE = Duration.ofSeconds(15);

    private final Path directory;
    private final Path share;
    private final boolean ownsShare;
    private final List<DemoNode> nodes;

    private DemoCluster(Path directory, Path share, boolean ownsShare, List<DemoNode> nodes) {
        this.directory = directory;
        this.share = share;
        this.ownsShare = ownsShare;
        this.nodes = List.copyOf(nodes);
    }

    /**
     * Makes directories, certificates, configurations, the marker, and a sample tree when the share is empty.
     *
     * @param directory absolute; existing contents of an earlier demo are refused
     * @param givenShare an existing directory to use as the share, or the demo's own when it is not there yet
     */
    public static DemoCluster create(Path directory, Path givenShare, boolean ownsShare, int count, InstantSource clock)
            throws IOException {
        Files.createDirectories(directory);
        var share = ownsShare ? Files.createDirectories(givenShare) : givenShare.toRealPath();
        try (Stream<Path> there = Files.list(share)) {
            if (there.allMatch(path -> path.getFileName().toString().equals(ShareMarker.DIRECTORY))) {
                new SampleTree(share).write();
            }
        }
        new ShareMarker(share).write(ID);
        var nodes = new ArrayList<DemoNode>();
        var ports = freePorts(2 * count);
        for (int i = 0; i < count; i++) {
            var name = "node" + (i + 1);
            nodes.add(new DemoNode(name, directory.resolve(name), ports.get(2 * i), ports.get(2 * i + 1)));
        }
        var cluster = new DemoCluster(directory, share, ownsShare, nodes);
        var ca = Files.createDirectories(directory.resolve("ca"));
        var authority = CertificateAuthority.create(ca, ID, clock);
        for (var node : nodes) {
            cluster.make(node, authority);
        }
        return cluster;
    }

    /** Ports that are free now; held together until all are chosen, so that none is chosen twice. */
    private static List<Integer> freePorts(int count) throws IOException {
        var sockets = new ArrayList<ServerSocket>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
    }

    private void make(DemoNode node, CertificateAuthority authority) throws IOException {
        var home = Files.createDirectories(node.mount().toAbsolutePath().getParent());
        Files.createDirectories(node.live().getParent());
        Files.createDirectories(node.replica().getParent());
        var tls = Files.createDirectories(home.resolve("tls"));
        authority.issue(tls, node.name(), List.of("127.0.0.1", "localhost"));
        Files.createSymbolicLink(node.mount(), share);
        Files.writeString(node.configuration(), configuration(node, tls));
    }

    private String configuration(DemoNode node, Path tls) {
        var members = nodes.stream()
                .map(member -> "    - {name: " + member.name() + ", control: \"" + member.control() + "\"}\n")
                .collect(Collectors.joining());
        return String.format(
                Locale.ROOT,
                """
                # Made by lockstep demo. The times are short, so that the story is; conf/lockstep.yml has the defaults.
                cluster:
                  id: %s
                  manager: node1
                  members:
                %snode: {name: %s, state: '%s'}
                trees:
                  - name: server
                    share: '%s'
                    live: '%s'
                    replica: '%s'
                ops: {host: 127.0.0.1, port: %d}
                control:
                  host: 127.0.0.1
                  port: %d
                  tls: {ca: '%s', certificate: '%s', key: '%s'}
                scan: {interval: 2s, probeInterval: 500ms, replicaInterval: 1s}
                timing: {lossTimeout: 4s, returnAfter: 4s, driftGrace: 2s, settleShare: 500ms, shareDeadline: 4s, exchangeInterval: 500ms, attributeCache: 1s}
                """,
                ID,
                members,
                node.name(),
                quoted(node.mount().resolveSibling("state")),
                quoted(node.mount()),
                quoted(node.live()),
                quoted(node.replica()),
                node.opsPort(),
                node.controlPort(),
                quoted(tls.resolve("ca.pem")),
                quoted(tls.resolve(node.name() + ".pem")),
                quoted(tls.resolve(node.name() + "-key.pem")));
    }

    /** A path between single quotes of YAML. */
    private static String quoted(Path path) {
        return path.toString().replace("'", "''");
    }

    public Path directory() {
        return directory;
    }

    public Path share() {
        return share;
    }

    boolean ownsShare() {
        return ownsShare;
    }

    public List<DemoNode> nodes() {
        return nodes;
    }

    public DemoNode manager() {
        return nodes.get(0);
    }

    public void start() throws IOException {
        for (var node : nodes) {
            node.start();
        }
    }

    /** Tells programs where everything is; written when all nodes are up. */
    void writeDescription() throws IOException {
        var json = Json.mapper();
        var root = json.createObjectNode();
        root.put("share", share.toString());
        var list = root.putArray("nodes");
        for (var node : nodes) {
            ObjectNode entry = list.addObject();
            entry.put("name", node.name());
            entry.put("config", node.configuration().toString());
            entry.put("live", node.live().toString());
            entry.put("replica", node.replica().toString());
            entry.put("ops", node.ops());
            entry.put("control", node.control());
            entry.put("pid", node.pid());
        }
        var part = directory.resolve("demo.json.part");
        Files.writeString(part, json.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
        Files.move(part, directory.resolve("demo.json"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Ends every agent that was started; returns when none is left. */
    public void stop() throws InterruptedException {
        for (var node : nodes) {
            node.stop(STOP_PATIENCE);
        }
    }
}
