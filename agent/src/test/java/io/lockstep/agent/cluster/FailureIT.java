package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.peer.CallOutcome;
import io.lockstep.agent.store.ConflictStore;
import io.lockstep.agent.store.KeptEntry;
import io.lockstep.agent.store.KeptListing;
import io.lockstep.agent.store.Trash;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.wire.ConflictReport;
import io.lockstep.wire.StatusReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What fails, and what must not be lost by it. Every test starts and ends with the cluster in SHARED mode. */
class FailureIT {
    private static final String APIS = "synapse-configs/default/api/";
    private static final String ENDPOINTS = "synapse-configs/default/endpoints";
    private static final String STOCK = APIS + "admin--Stock_v1.0.0.xml";

    @TempDir
    private static Path directory;

    private static TestCluster cluster;

    @BeforeAll
    static void startAgents() throws Exception {
        cluster = TestCluster.start(directory, 2);
    }

    @AfterAll
    static void endAgents() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void everyNodeServesTheShare() throws Exception {
        cluster.awaitServing(Mode.SHARED);
        cluster.awaitEverywhere(SeenTree.look(cluster.share()));
    }

    @Test
    void killedAgentsComeBackWhileTheShareIsThere() throws Exception {
        for (var node : cluster.nodes()) {
            long applied = cluster.appliedSeq(node);
            TestCluster.kill(node);
            publish(cluster.share(), "shared-without-" + node.name());
            restart(node, applied);
            cluster.awaitEverywhere(SeenTree.look(cluster.share()));
            cluster.awaitServing(Mode.SHARED);
        }
    }

    @Test
    void killedAgentsComeBackWhileTheShareIsAway() throws Exception {
        cluster.takeShareAway();
        cluster.awaitServing(Mode.RSYNC);
        var manager = cluster.manager();
        for (var node : cluster.nodes()) {
            long applied = cluster.appliedSeq(node);
            TestCluster.kill(node);
            // A Gateway goes on writing while the agent beside it is down.
            publish(manager.live(), "rsync-without-" + node.name());
            var written = SeenTree.look(manager.live());
            restart(node, applied);
            cluster.awaitEverywhere(written);
            cluster.awaitServing(Mode.RSYNC);
        }
        var written = SeenTree.look(manager.live());
        cluster.bringShareBack();
        cluster.awaitServing(Mode.SHARED);
        SeenTree.assertSame("the share", SeenTree.look(cluster.share()), written);
    }

    private static void restart(DemoNode node, long appliedBefore) throws IOException {
        node.start();
        cluster.until(
                node.name() + " tells what it has applied",
                () -> assertThat(cluster.appliedSeq(node)).isPositive());
        assertThat(cluster.appliedSeq(node)).isGreaterThanOrEqualTo(appliedBefore);
    }

    @Test
    void aWorkersOwnWriteIsKeptAndPutBackWhileTheShareIsAway() throws Exception {
        cluster.takeShareAway();
        cluster.awaitServing(Mode.RSYNC);
        var reference = SeenTree.look(cluster.manager().live());
        var worker = cluster.workers().get(0);
        Files.writeString(worker.live().resolve(STOCK), "<written on a worker/>");
        cluster.awaitEverywhere(reference);
        var kept = ((KeptListing.Listed)
                        new ConflictStore(TestCluster.work(worker).resolve("conflicts")).list(100))
                .entries();
        assertThat(kept).hasSize(1);
        assertThat(kept.get(0).path()).hasToString("server/" + STOCK);
        assertThat(kept.get(0).content()).hasContent("<written on a worker/>");
        cluster.until(
                "the conflict is counted",
                () -> assertThat(member(worker).conflicts()).isEqualTo(1));
        cluster.bringShareBack();
        cluster.awaitServing(Mode.SHARED);
        SeenTree.assertSame("the share", SeenTree.look(cluster.share()), reference);
    }

    private static StatusReport.Member member(DemoNode node) {
        return cluster.status(node).orElseThrow().members().stream()
                .filter(member -> member.name().value().equals(node.name()))
                .findAny()
                .orElseThrow();
    }

    @Test
    void anEmptiedShareWaitsForAPersonAndTakesNothingFromTheReplicas() throws Exception {
        var before = SeenTree.look(cluster.share());
        var backup = directory.resolve("backup");
        SeenTree.run("cp", "-a", cluster.share().toString(), backup.toString());

        empty(cluster.share());
        awaitHold(Mode.HOLD, Reason.DELETION_GUARD);
        awaitReplicasServe(before);
        restore(backup);
        cluster.awaitServing(Mode.SHARED);
        cluster.awaitEverywhere(before);
        assertThat(cluster.status(cluster.manager()).orElseThrow().holds()).isEmpty();

        empty(cluster.share());
        var hold = awaitHold(Mode.HOLD, Reason.DELETION_GUARD);
        awaitReplicasServe(before);
        assertThat(cluster.approve("000000000000")).isInstanceOf(CallOutcome.Refused.class);
        assertThat(cluster.approve(hold.id())).isInstanceOf(CallOutcome.Answered.class);
        cluster.awaitEverywhere(Map.of());
        cluster.awaitServing(Mode.SHARED);

        restore(backup);
        cluster.awaitEverywhere(before);
        SeenTree.run("rm", "-rf", backup.toString());
    }

    private static void empty(Path share) throws Exception {
        try (var entries = Files.list(share)) {
            for (var entry : entries.toList()) {
                if (!entry.getFileName().toString().equals(ShareMarker.DIRECTORY)) {
                    SeenTree.run("rm", "-rf", entry.toString());
                }
            }
        }
    }

    private static void restore(Path backup) throws Exception {
        try (var entries = Files.list(backup)) {
            for (var entry : entries.toList()) {
                if (!entry.getFileName().toString().equals(ShareMarker.DIRECTORY)) {
                    SeenTree.run("cp", "-a", entry.toString(), cluster.share().toString());
                }
            }
        }
    }

    private static Hold awaitHold(Mode mode, Reason reason) {
        cluster.until("a hold because of " + reason, () -> {
            var status = cluster.status(cluster.manager()).orElseThrow();
            assertThat(status.mode()).isEqualTo(mode);
            assertThat(status.holds()).extracting(Hold::reason).containsExactly(reason);
        });
        return cluster.status(cluster.manager()).orElseThrow().holds().get(0);
    }

    private static void awaitReplicasServe(Map<String, SeenTree.Entry> expected) {
        cluster.until("the live paths lead to the replicas", () -> {
            for (var node : cluster.nodes()) {
                assertThat(Files.readSymbolicLink(node.live())).isEqualTo(node.replica());
            }
        });
        for (var node : cluster.nodes()) {
            SeenTree.assertSame(node.name(), SeenTree.look(node.live()), expected);
        }
    }

    @Test
    void aShareThatComesBackWithOtherContentIsMerged() throws Exception {
        cluster.takeShareAway();
        cluster.awaitServing(Mode.RSYNC);
        var own = publish(cluster.manager().live(), "own");
        var foreign = publish(cluster.shareWhileAway(), "foreign");
        var expected = new TreeMap<>(SeenTree.look(cluster.manager().live()));
        expected.put(foreign, fileOf(cluster.shareWhileAway(), foreign));
        cluster.bringShareBack();
        cluster.awaitServing(Mode.SHARED);
        cluster.awaitEverywhere(expected);
        assertThat(expected).containsKey(own);
        SeenTree.assertSame("the share", SeenTree.look(cluster.share()), expected);
        assertThat(cluster.conflicts(cluster.manager()).conflicts())
                .extracting(ConflictReport.Conflict::path)
                .noneMatch(path ->
                        path.toString().contains("own") || path.toString().contains("foreign"));
    }

    @Test
    void aShareThatComesBackEmptyWaitsForAPersonAndTakesNothingFromTheReplicas() throws Exception {
        var before = SeenTree.look(cluster.share());
        var backup = directory.resolve("backup");
        SeenTree.run("cp", "-a", cluster.share().toString(), backup.toString());
        cluster.takeShareAway();
        cluster.awaitServing(Mode.RSYNC);
        empty(cluster.shareWhileAway());
        cluster.bringShareBack();
        awaitHold(Mode.RSYNC, Reason.DELETION_GUARD);
        awaitReplicasServe(before);
        restore(backup);
        cluster.awaitServing(Mode.SHARED);
        cluster.awaitEverywhere(before);
        SeenTree.run("rm", "-rf", backup.toString());
    }

    @Test
    void aShareWithoutItsMarkerOrWithAnothersIsLost() throws Exception {
        var before = SeenTree.look(cluster.share());
        var marker = new ShareMarker(cluster.share()).file();
        var text = Files.readString(marker);
        Files.delete(marker);
        awaitLost(Reason.MARKER_MISSING);
        replace(marker, text.replace("demo", "others"));
        awaitLost(Reason.MARKER_FOREIGN);
        awaitReplicasServe(before);
        replace(marker, text);
        cluster.awaitServing(Mode.SHARED);
        cluster.awaitEverywhere(before);
    }

    /** In one step, as no agent may see half a marker. */
    private static void replace(Path marker, String text) throws IOException {
        var part = Files.writeString(marker.resolveSibling("cluster.part"), text);
        Files.move(part, marker, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void awaitLost(Reason reason) {
        cluster.until("the share is lost because of " + reason, () -> {
            for (var node : cluster.nodes()) {
                assertThat(node.ask("/mount").orElseThrow().text("reason")).isEqualTo(reason.name());
                assertThat(node.ask("/ready").orElseThrow().text("mode")).isEqualTo("RSYNC");
            }
        });
    }

    @Test
    void aFileDeletedOnTheShareGoesEverywhereAndLiesInTheTrash() throws Exception {
        var file = publish(cluster.share(), "deleted");
        cluster.awaitEverywhere(SeenTree.look(cluster.share()));
        var content = Files.readString(cluster.share().resolve(file));
        Files.delete(cluster.share().resolve(file));
        cluster.awaitEverywhere(SeenTree.look(cluster.share()));
        for (var node : cluster.nodes()) {
            var kept = ((KeptListing.Listed) new Trash(TestCluster.work(node).resolve("trash")).list(1000))
                    .entries().stream()
                            .filter(entry -> entry.path().toString().equals("server/" + file))
                            .toList();
            assertThat(kept).as(node.name()).hasSize(1);
            assertThat(kept.get(0).why()).isEqualTo(KeptEntry.Why.REMOVED);
            assertThat(kept.get(0).content()).hasContent(content);
        }
    }

    @Test
    void aDirectoryThatBecameALinkDeletesNothing() throws Exception {
        var place = cluster.share().resolve(ENDPOINTS);
        var elsewhere = directory.resolve("endpoints-elsewhere");
        var expected = SeenTree.look(cluster.share());
        Files.move(place, elsewhere);
        Files.createSymbolicLink(place, elsewhere);
        try {
            awaitNothingDeleted(expected, "link");
        } finally {
            Files.delete(place);
            Files.move(elsewhere, place);
        }
    }

    @Test
    void aDirectoryThatCannotBeReadDeletesNothing() throws Exception {
        assumeTrue(isRoot(), "only root can put a mount over a directory, which an agent of root can't look under");
        var place = cluster.share().resolve(ENDPOINTS);
        var expected = SeenTree.look(cluster.share());
        SeenTree.run("mount", "-t", "tmpfs", "-o", "size=64k", "lockstep-test", place.toString());
        try {
            awaitNothingDeleted(expected, "mount");
        } finally {
            SeenTree.run("umount", place.toString());
        }
    }

    static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    /** A later change arrives, so the agents have looked; and what they can't see is in every replica still. */
    private static void awaitNothingDeleted(Map<String, SeenTree.Entry> before, String name) throws Exception {
        var file = publish(cluster.share(), "beside-a-" + name);
        var expected = new TreeMap<>(before);
        expected.put(file, fileOf(cluster.share(), file));
        cluster.until("the replicas have all files and the new one", () -> {
            for (var node : cluster.nodes()) {
                SeenTree.assertSame(node.name(), SeenTree.look(node.replica()), expected);
            }
            assertThat(cluster.status(cluster.manager()).orElseThrow().heldBack())
                    .isNotEmpty();
        });
    }

    private static SeenTree.Entry fileOf(Path root, String file) {
        var entry = SeenTree.look(root).get(file);
        assertThat(entry).isNotNull();
        return entry;
    }

    /** Publishes an API as a Gateway does, its file in one step; returns its path in the tree. */
    private static String publish(Path root, String name) throws IOException {
        var file = APIS + "admin--" + name + "_v1.0.0.xml";
        var part = Files.writeString(root.resolve(APIS + ".part"), "<api name=\"" + name + "\"/>\n");
        Files.move(part, root.resolve(file), StandardCopyOption.ATOMIC_MOVE);
        return file;
    }
}
