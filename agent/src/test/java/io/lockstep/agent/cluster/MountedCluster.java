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
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A running cluster whose nodes have the share mounted, each by a FUSE mount of its own that can be made to fail. */
final class MountedCluster {
    /** A stop takes at most this, whatever the mount does. */
    private static final Duration STOP = Duration.ofSeconds(10);

    private static final String SCAN = "scan: {interval: 1s, probeInterval: 250ms, replicaInterval: 500ms}";
    private static final String TIMING = "timing: {lossTimeout: 1500ms, returnAfter: 1500ms, driftGrace: 1s,"
            + " shareDeadline: 1500ms, exchangeInterval: 250ms, attributeCache: 0s}";

    private final TestCluster cluster;
    private final FaultyMounts mounts;

    private MountedCluster(TestCluster cluster, FaultyMounts mounts) {
        this.cluster = cluster;
        this.mounts = mounts;
    }

    static MountedCluster start(Path directory, int nodes) throws Exception {
        var cluster = TestCluster.make(directory, nodes);
        var mounts = FaultyMounts.start(directory.resolve("faulty"), cluster.share());
        var mounted = new MountedCluster(cluster, mounts);
        for (var node : cluster.nodes()) {
            // The demo's mount is a link to the share.
            Files.delete(node.mount());
            mounts.mount(node.name(), node.mount());
            var mount = "    mount: {point: '" + node.mount() + "', type: fuse.faulty, source: '"
                    + FaultyMounts.source(cluster.share()) + "'}";
            var text = Files.readString(node.configuration())
                    .replaceFirst("(?m)^    share: .*$", "$0\n" + mount)
                    .replaceFirst("(?m)^scan: .*$", SCAN)
                    .replaceFirst("(?m)^timing: .*$", TIMING);
            assertThat(text).contains(mount, SCAN, TIMING);
            Files.writeString(node.configuration(), text);
            node.start();
        }
        return mounted;
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
        } finally {
            try {
                cluster.close();
            } finally {
                mounts.close();
            }
        }
        for (var node : cluster.nodes()) {
            assertThat(MountTable.below(node.mount())).isEmpty();
        }
    }
}
