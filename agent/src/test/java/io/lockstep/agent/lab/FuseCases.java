package io.lockstep.agent.lab;

import io.lockstep.agent.faulty.Fault;
import io.lockstep.agent.faulty.Fault.Kind;
import io.lockstep.agent.faulty.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Three hosts with FUSE mounts of one directory, and the faults of such mounts. */
final class FuseCases implements AutoCloseable {
    private final Path export;
    private final Path other;
    private final LabCluster cluster;
    private final List<FaultyMount> mounts;

    private FuseCases(Path export, Path other, LabCluster cluster, List<FaultyMount> mounts) {
        this.export = export;
        this.other = other;
        this.cluster = cluster;
        this.mounts = List.copyOf(mounts);
    }

    static FuseCases make(LabNetwork network, Path directory) throws Exception {
        var hosts = List.of(network.host("gw1"), network.host("gw2"), network.host("gw3"));
        var export = Files.createDirectories(directory.resolve("export"));
        var cluster = LabCluster.make(directory, hosts);
        var mounts = new ArrayList<FaultyMount>();
        for (int i = 0; i < hosts.size(); i++) {
            var node = cluster.nodes().get(i);
            var mount = FaultyMount.on(hosts.get(i), node.mountpoint(), directory.resolve(node.name() + "-fuse.log"));
            mount.mount(export, source(export));
            mounts.add(mount);
            node.watchFrom(hosts.get(i), "127.0.0.1");
        }
        cluster.prepareShare(cluster.manager());
        return new FuseCases(export, directory.resolve("other"), cluster, mounts);
    }

    private static String source(Path export) {
        return "faulty:" + export;
    }

    LabCluster cluster() {
        return cluster;
    }

    String mountKeys(LabNode node) {
        return node.mountKeys(FaultyMount.TYPE, source(export));
    }

    List<DetectionCase> all() {
        var nodes = cluster.nodes();
        var worker = nodes.get(1);
        var marker = export.resolve("server/.lockstep/cluster");
        var away = marker.resolveSibling("cluster.away");
        return List.of(
                DetectionCase.ofOne("clean unmount", worker, () -> unmount(1), () -> mountAgain(1)),
                unmountedByAll("clean unmount"),
                DetectionCase.ofAll(
                        "marker gone", nodes, () -> Files.move(marker, away), () -> Files.move(away, marker)),
                failing("EIO from every call", Fault.of(Kind.EIO, Operation.ALL)),
                failing("ESTALE from every call", Fault.of(Kind.ESTALE, Operation.ALL)),
                failing("ENOTCONN from every call", Fault.of(Kind.ENOTCONN, Operation.ALL)),
                failing("read-only", Fault.of(Kind.EROFS, Operation.CHANGES)).readable(),
                failing("no space", Fault.of(Kind.ENOSPC, Operation.GROWTH)).readable(),
                DetectionCase.ofOne(
                        "every call hangs",
                        worker,
                        () -> hang(1, Operation.ALL),
                        () -> mounts.get(1).clear()),
                failing("every call hangs", Fault.of(Kind.HANG, Operation.ALL)),
                failing("only reads hang", Fault.of(Kind.HANG, Set.of(Operation.READ))),
                DetectionCase.ofOne(
                        "wrong export, of another source",
                        worker,
                        () -> coverByOther(source(other)),
                        () -> mounts.get(1).uncover()),
                DetectionCase.ofOne(
                        "wrong export with a copy of all, of the same source's name",
                        worker,
                        () -> coverByOther(source(export)),
                        () -> mounts.get(1).uncover()),
                DetectionCase.ofOne(
                        "stale view",
                        worker,
                        () -> mounts.get(1).makeStale(),
                        () -> mounts.get(1).clear()));
    }

    DetectionCase unmountedByAll(String text) {
        return DetectionCase.ofAll(
                text,
                cluster.nodes(),
                () -> {
                    for (int i = 0; i < mounts.size(); i++) {
                        unmount(i);
                    }
                },
                () -> {
                    for (int i = 0; i < mounts.size(); i++) {
                        mountAgain(i);
                    }
                });
    }

    private DetectionCase failing(String text, Fault fault) {
        return DetectionCase.ofAll(
                text,
                cluster.nodes(),
                () -> {
                    for (var mount : mounts) {
                        mount.fault(fault);
                    }
                },
                () -> {
                    for (var mount : mounts) {
                        mount.clear();
                    }
                });
    }

    private void hang(int node, Set<Operation> operations) throws IOException {
        mounts.get(node).fault(Fault.of(Kind.HANG, operations));
    }

    private void unmount(int node) throws IOException {
        mounts.get(node).unmount();
    }

    private void mountAgain(int node) throws IOException {
        mounts.get(node).mount(export, source(export));
    }

    /** What a restored backup that somebody exports looks like: equal to the last byte, marker and beacons included. */
    private void coverByOther(String source) throws Exception {
        var copy = new ProcessBuilder(
                        "cp",
                        "-a",
                        export + "/.",
                        Files.createDirectories(other).toString())
                .inheritIO()
                .start();
        if (copy.waitFor() != 0) {
            throw new IOException("no copy of " + export);
        }
        mounts.get(1).cover(other, source);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (var mount : mounts) {
            mount.clear();
        }
        cluster.close();
    }
}
