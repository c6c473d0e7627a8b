package io.lockstep.agent.app;

import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.loop.ScanProgress;
import io.lockstep.agent.loop.Share;
import io.lockstep.agent.loop.Staging;
import io.lockstep.agent.loop.TreeScan;
import io.lockstep.agent.mountio.ChildSettings;
import io.lockstep.agent.mountio.MountIo;
import io.lockstep.agent.mountio.MountIoLimits;
import io.lockstep.agent.mountio.ShareCalls;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.Generation;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A marked share with one tree called {@code server}, and a real child process that touches it. */
final class ChildFixture implements AutoCloseable {
    static final String CLUSTER = "prod";
    static final Duration RACY_WINDOW = Duration.ofMillis(30);

    final Path share;
    final Path work;
    final MountIo io;
    final ContentStage stage;
    final Share port;
    Optional<Generation> reference = Optional.empty();
    private Beacon beacon = new Beacon(new NodeName("gw1"), 7, 1);

    /** @param share the tree's directory, which is there */
    ChildFixture(Path share, Path work, Duration deadline) throws IOException {
        this.share = share;
        this.work = Files.createDirectories(work);
        new ShareMarker(share).write(CLUSTER);
        var tree = new ChildSettings.Tree(
                "server",
                share.toString(),
                "",
                work.toString(),
                List.of(),
                List.of(".lockstep"),
                TreeFilter.DEFAULT_REPORT);
        var pulse = Duration.ofMillis(50);
        io = new MountIo(
                ShareChild.starter("gw1", false),
                Version.current(),
                new ChildSettings("gw1", CLUSTER, 2, RACY_WINDOW, deadline, pulse, List.of(tree)),
                MountIoLimits.of(deadline),
                InstantSource.system());
        stage = new ContentStage(Disk.stage(work));
        port = new ChildShare(
                new ShareCalls(io),
                Map.of("server", stage),
                files -> new Staging(List.of(), Optional.empty()),
                () -> reference);
    }

    Probe probe() {
        beacon = beacon.next();
        return port.probe(beacon, List.of(new NodeName("gw2")));
    }

    TreeScan scan(Map<String, Inventory> previous, boolean everyDigest) {
        return port.scan(previous, everyDigest, new ScanProgress());
    }

    Beacon lastBeacon() {
        return beacon;
    }

    long pid() {
        return io.counts().pid().orElseThrow();
    }

    /** Sends a signal to the child. */
    static void signal(String name, long pid) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("kill -" + name + " " + pid + " ended with " + code);
        }
    }

    @Override
    public void close() {
        io.close();
    }
}
