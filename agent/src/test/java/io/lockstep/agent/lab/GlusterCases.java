package io.lockstep.agent.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Three hosts that mount a GlusterFS volume of a fourth, and what can happen between them. */
final class GlusterCases implements AutoCloseable {
    private final LabNetwork network;
    private final GlusterServer files;
    private final List<LabHost> hosts;
    private final LabCluster cluster;

    private GlusterCases(LabNetwork network, GlusterServer files, List<LabHost> hosts, LabCluster cluster) {
        this.network = network;
        this.files = files;
        this.hosts = List.copyOf(hosts);
        this.cluster = cluster;
    }

    static GlusterCases make(LabNetwork network, Path directory) throws Exception {
        var files = GlusterServer.start(network.host("files"), directory.resolve("brick"));
        var hosts = List.of(network.host("gw1"), network.host("gw2"), network.host("gw3"));
        var cluster = LabCluster.make(directory, hosts);
        for (int i = 0; i < hosts.size(); i++) {
            var node = cluster.nodes().get(i);
            files.mountOn(hosts.get(i), node.mountpoint());
            node.watchFrom(hosts.get(i), "127.0.0.1");
        }
        cluster.prepareShare(cluster.manager());
        return new GlusterCases(network, files, hosts, cluster);
    }

    LabCluster cluster() {
        return cluster;
    }

    GlusterServer files() {
        return files;
    }

    List<LabHost> hosts() {
        return hosts;
    }

    String mountKeys(LabNode node) {
        return node.mountKeys("fuse.glusterfs", files.source());
    }

    List<DetectionCase> all() {
        var nodes = cluster.nodes();
        var server = files.host().address();
        return List.of(
                DetectionCase.ofAll("GlusterFS: brick killed", nodes, files::killBrick, files::startBrickAgain),
                DetectionCase.ofAll("GlusterFS: brick frozen", nodes, files::freezeBrick, files::thawBrick),
                DetectionCase.ofOne(
                        "GlusterFS: cut off from the server",
                        nodes.get(1),
                        () -> hosts.get(1).cutOffFrom(server),
                        () -> hosts.get(1).rejoin()),
                DetectionCase.ofOne(
                        "GlusterFS: link of the node down",
                        nodes.get(2),
                        () -> network.unplug(hosts.get(2)),
                        () -> network.plug(hosts.get(2))));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        cluster.close();
    }
}
