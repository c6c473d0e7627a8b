package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.agent.config.MountInfo;
import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.layout.Reader;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Serving;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One node of three has its live path bound: nothing that its Gateway reads is ever gone, whoever loses the share. */
class BoundNodeIT {
    private static final Path HELPER =
            Path.of("../systemd/lockstep-bind").toAbsolutePath().normalize();

    @TempDir
    private Path directory;

    private Optional<TestCluster> cluster = Optional.empty();
    private Optional<Process> helper = Optional.empty();

    @SuppressWarnings("NullAway.Init")
    private DemoNode bound;

    /** A mount of the node's own, so that it alone can lose it. */
    private Path mount = Path.of("");

    @BeforeEach
    void aClusterWithABoundNode() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root may mount");
        directory = directory.toRealPath();
        var made = TestCluster.make(directory, 3);
        cluster = Optional.of(made);
        bound = made.workers().get(0);
        mount = Files.createDirectories(bound.mount().resolveSibling("wso2"));
        // The directory above the live path is bound where the replica's is, so that both are one directory.
        Files.createDirectories(bound.live());
        var text = Files.readString(bound.configuration())
                .replace("share: '" + bound.mount() + "'", "share: '" + mount + "'")
                .replace("live: '" + bound.live() + "'", "live: '" + bound.live() + "'\n    flip: bind")
                .replace("node: {", "node: {bindRequests: '" + fifo() + "', ");
        Files.writeString(bound.configuration(), text);
        Files.writeString(
                directory.resolve("bind.conf"),
                "underlay " + bound.live().getParent() + " " + bound.replica().getParent() + "\ntree server " + mount
                        + " " + bound.live() + "\n");
        mountShare();
        startHelper();
        for (var node : made.nodes()) {
            node.start();
        }
        made.awaitServing(Mode.SHARED);
        awaitServing(Serving.MOUNT);
    }

    @AfterEach
    void endAgentsAndMounts() throws Exception {
        endHelper();
        if (cluster.isPresent()) {
            cluster.get().close();
        }
        var left = mounts();
        for (var point : left) {
            SeenTree.run("umount", "--lazy", "--no-canonicalize", point);
        }
        assertThat(mounts()).isEmpty();
    }

    /** The last first. */
    private List<String> mounts() throws Exception {
        return new MountInfo()
                .read().entries().stream()
                        .map(entry -> entry.point())
                        .filter(point -> Path.of(point).startsWith(directory))
                        .sorted((one, other) -> other.length() - one.length())
                        .toList();
    }

    private Path fifo() {
        return directory.resolve("run/bind");
    }

    private void mountShare() throws Exception {
        SeenTree.run("mount", "--bind", cluster.orElseThrow().share().toString(), mount.toString());
    }

    private void unmountShare() throws Exception {
        SeenTree.run("umount", "--lazy", mount.toString());
    }

    private void startHelper() throws Exception {
        Files.createDirectories(fifo().getParent());
        var log = directory.resolve("bind.log").toFile();
        var process = new ProcessBuilder(
                        HELPER.toString(),
                        "serve",
                        directory.resolve("bind.conf").toString(),
                        fifo().toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        helper = Optional.of(process);
        cluster.orElseThrow()
                .until("the helper serves", () -> assertThat(log).content().contains("serving server"));
    }

    private void endHelper() throws Exception {
        if (helper.isPresent()) {
            helper.get().destroy();
            assertThat(helper.get().waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private void awaitServing(Serving expected) {
        var all = cluster.orElseThrow();
        all.until(
                bound.name() + " serves its " + expected,
                () -> assertThat(all.status(bound).orElseThrow().members())
                        .filteredOn(member -> member.name().value().equals(bound.name()))
                        .allSatisfy(member -> assertThat(member.serving()).contains(expected)));
    }

    @Test
    void theLiveDirectoryIsNeverEmptyAndKeepsItsTimes() throws Exception {
        var all = cluster.orElseThrow();
        try (var reader = Reader.of(bound.live())) {
            // Its own loss moves only this node.
            unmountShare();
            awaitServing(Serving.REPLICA);
            all.awaitServing(Mode.SHARED);
            reader.awaitLooks(5);
            mountShare();
            awaitServing(Serving.MOUNT);

            // The loss of all moves the cluster, and what is published reaches the directory beneath.
            all.takeShareAway();
            unmountShare();
            all.awaitServing(Mode.RSYNC);
            awaitServing(Serving.REPLICA);
            Files.writeString(all.manager().live().resolve("synapse-configs/default/api/later.xml"), "<api/>");
            all.awaitEverywhere(SeenTree.look(all.manager().live()));
            assertThat(bound.live().resolve("synapse-configs/default/api/later.xml"))
                    .exists();

            all.bringShareBack();
            mountShare();
            all.awaitServing(Mode.SHARED);
            awaitServing(Serving.MOUNT);
            all.awaitEverywhere(SeenTree.look(all.share()));
            reader.awaitLooks(5);
            reader.assertNothingEverChanged();
        }
    }

    @Test
    void anAgentThatIsStartedWhileBoundGoesOnFromThere() throws Exception {
        var all = cluster.orElseThrow();
        var before = mounts();
        try (var reader = Reader.of(bound.live())) {
            TestCluster.kill(bound);
            bound.start();
            all.awaitServing(Mode.SHARED);
            awaitServing(Serving.MOUNT);
            assertThat(mounts()).isEqualTo(before);

            // Without the helper nothing can be led away, and the node says so.
            endHelper();
            unmountShare();
            all.until(
                    "the node tells of the helper",
                    () -> assertThat(all.status(bound).orElseThrow().problem())
                            .hasValueSatisfying(problem -> assertThat(problem).contains("lockstep-bind does not run")));
            assertThat(bound.ask("/ready").orElseThrow().text("remedy"))
                    .contains("the live path could not be led to the other side");
            startHelper();
            awaitServing(Serving.REPLICA);
            all.until(
                    "the problem is over",
                    () -> assertThat(all.status(bound).orElseThrow().problem()).isEmpty());
            reader.awaitLooks(5);
            reader.assertNothingEverChanged();
        }
    }
}
