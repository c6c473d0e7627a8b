package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.faulty.Fault;
import io.lockstep.agent.faulty.FaultyMounts;
import io.lockstep.agent.faulty.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A running cluster whose nodes have the share mounted, each by a FUSE mount of its own that can be made to fail. */
final class MountedCluster {
    /** A stop takes at most this, whatever the mount does. */
    private static final Duration STOP = Duration.ofSeconds(10);

    private static final String SCAN = "scan: {interval: 1s, probeInterval: 250ms, replicaInterval: 500ms}";

    /** For how long a call may take; on a busy machine not less. */
    private static final Duration DEADLINE = Duration.ofSeconds(2);

    private final TestCluster cluster;
    private final FaultyMounts mounts;
    private final NodeLayout layout;
    private final List<Process> helpers = new ArrayList<>();
    private final List<ProcessHandle> started = new ArrayList<>();

    private MountedCluster(TestCluster cluster, FaultyMounts mounts, NodeLayout layout) {
        this.cluster = cluster;
        this.mounts = mounts;
        this.layout = layout;
    }

    static MountedCluster start(Path directory, int nodes, NodeLayout layout) throws Exception {
        return start(directory, nodes, layout, DEADLINE);
    }

    /** @param deadline a mount counts as hung, as lost, and as back, after this */
    static MountedCluster start(Path directory, int nodes, NodeLayout layout, Duration deadline) throws Exception {
        var cluster = TestCluster.make(directory, nodes);
        var mounts = FaultyMounts.start(directory.resolve("faulty"), cluster.share());
        var mounted = new MountedCluster(cluster, mounts, layout);
        for (var node : cluster.nodes()) {
            mounted.start(node, deadline);
        }
        return mounted;
    }

    private void start(DemoNode node, Duration deadline) throws Exception {
        // The demo's mount is a link to the share.
        Files.delete(node.mount());
        Files.createDirectories(layout.mountpoint(node));
        var helper = layout.startHelper(node);
        if (helper.isPresent()) {
            helpers.add(helper.get());
            cluster.until(
                    "the helper serves",
                    () -> assertThat(NodeLayout.isServing(node)).isTrue());
        }
        mount(node);
        var timing = String.format(
                Locale.ROOT,
                "timing: {lossTimeout: %1$ds, returnAfter: %1$ds, driftGrace: 1s, settleShare: 300ms, shareDeadline: %1$ds,"
                        + " exchangeInterval: 250ms, attributeCache: 0s}",
                deadline.toSeconds());
        var text = layout.configuration(node, cluster.share(), Files.readString(node.configuration()))
                .replaceFirst("(?m)^scan: .*$", SCAN)
                .replaceFirst("(?m)^timing: .*$", timing);
        assertThat(text).contains(SCAN, timing);
        Files.writeString(node.configuration(), text);
        node.start();
    }

    /** Mounts the node's share, which is not mounted. */
    void mount(DemoNode node) throws IOException {
        mounts.mount(node.name(), layout.mountpoint(node));
    }

    TestCluster cluster() {
        return cluster;
    }

    FaultyMounts mounts() {
        return mounts;
    }

    void fault(List<DemoNode> nodes, Fault fault) throws IOException {
        for (var node : nodes) {
            mounts.fault(node.name(), fault);
        }
    }

    /** Stops the agent as systemd does, which must work while its mount hangs, and starts it again. */
    void restart(DemoNode node, HealthWatch health) throws Exception {
        health.isDown(node);
        remember(node);
        boolean stopped = stop(node);
        if (!stopped) {
            // So that the next test begins with all agents.
            mounts.clear(node.name());
            TestCluster.kill(node);
        }
        node.start();
        cluster.until(
                node.name() + " is up again",
                () -> assertThat(node.ask("/live")).isPresent());
        health.isUp(node);
        assertThat(stopped).as("%s stops within %s", node.name(), STOP).isTrue();
    }

    /** Remembers what the agent started, which must end with it, or when its mount is released. */
    private void remember(DemoNode node) {
        ProcessHandle.of(node.pid())
                .ifPresent(agent -> started.addAll(agent.descendants().toList()));
    }

    private static boolean stop(DemoNode node) throws Exception {
        var process = ProcessHandle.of(node.pid()).orElseThrow();
        process.destroy();
        try {
            process.onExit().get(STOP.toSeconds(), TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    /** Ends every fault, the agents, the mounts; fails when something is left. */
    void close() throws Exception {
        try {
            mounts.clear();
            cluster.nodes().forEach(this::remember);
        } finally {
            for (var helper : helpers) {
                helper.destroyForcibly().waitFor();
            }
            try {
                cluster.close();
            } finally {
                for (var point : MountTable.below(directory())) {
                    SeenTree.run("umount", "-l", "-c", point.toString());
                }
                mounts.close();
            }
        }
        assertThat(MountTable.below(directory())).isEmpty();
        cluster.until(
                "no process of an agent is left",
                () -> assertThat(started.stream().filter(ProcessHandle::isAlive))
                        .isEmpty());
    }

    private Path directory() {
        return cluster.share().toAbsolutePath().getParent();
    }
}
