package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.peer.CallOutcome;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.Reason;
import io.lockstep.mount.MountTable;
import io.lockstep.wire.ShareRegistration;
import io.lockstep.wire.StatusReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One node's mount, or all of them, in every state that can be told apart without a network file system. Every test
 * starts and ends with the cluster in SHARED mode, all live paths on the share.
 *
 * <p>node3's share is a bind mount that its configuration names, where this test may make one; node2 drains when all
 * have lost the share.
 */
class ProvenMountIT {
    private static final String API = "synapse-configs/default/api/";

    @TempDir
    private static Path directory;

    private static TestCluster cluster;
    private static DemoNode node1;
    private static DemoNode node2;
    private static DemoNode node3;

    @BeforeAll
    static void startAgents() throws Exception {
        cluster = TestCluster.make(directory.toRealPath(), 3);
        node1 = cluster.nodes().get(0);
        node2 = cluster.nodes().get(1);
        node3 = cluster.nodes().get(2);
        TestCluster.reconfigure(node2, "  manager: node1\n", "  manager: node1\n  onTotalOutage: drain\n");
        if (FailureIT.isRoot()) {
            Files.createDirectory(mountpoint());
            mount();
            var mount = MountTable.parse(Files.readString(Path.of("/proc/self/mountinfo")))
                    .at(mountpoint().toString())
                    .orElseThrow();
            TestCluster.reconfigure(
                    node3,
                    "    share: '" + node3.mount() + "'\n",
                    "    share: '" + mountpoint() + "'\n    mount: {point: '" + mountpoint() + "', type: '"
                            + mount.type() + "', source: '" + mount.source() + "'}\n");
        }
        for (var node : cluster.nodes()) {
            node.start();
        }
    }

    @AfterAll
    static void endAgents() throws Exception {
        cluster.close();
        if (FailureIT.isRoot() && isMounted()) {
            SeenTree.run("umount", mountpoint().toString());
        }
    }

    private static Path mountpoint() {
        return cluster.share().resolveSibling("mountpoint");
    }

    private static void mount() throws Exception {
        SeenTree.run("mount", "--bind", cluster.share().toString(), mountpoint().toString());
    }

    private static void unmount() {
        // A scan may be in it just now.
        cluster.until(
                "it is unmounted", () -> SeenTree.run("umount", mountpoint().toString()));
    }

    private static boolean isMounted() throws IOException {
        return MountTable.parse(Files.readString(Path.of("/proc/self/mountinfo")))
                .at(mountpoint().toString())
                .isPresent();
    }

    @BeforeEach
    void everyNodeServesTheShare() throws Exception {
        cluster.awaitServing(Mode.SHARED);
        cluster.awaitEverywhere(SeenTree.look(cluster.share()));
        for (var node : cluster.nodes()) {
            awaitServing(node, share(node));
            awaitMount(node, 200, Reason.OK);
        }
    }

    private static Path share(DemoNode node) {
        return node == node3 && FailureIT.isRoot() ? mountpoint() : node.mount();
    }

    private static void awaitMount(DemoNode node, int status, Reason reason) {
        cluster.until(node.name() + "'s mount is " + reason, () -> {
            var answer = node.ask("/mount").orElseThrow();
            assertThat(answer.text("reason")).isEqualTo(reason.name());
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.text("remedy")).isEqualTo(reason.remedy());
        });
    }

    private static void awaitServing(DemoNode node, Path place) {
        cluster.until(
                node.name() + "'s live path leads to " + place,
                () -> assertThat(Files.readSymbolicLink(node.live())).isEqualTo(place));
    }

    private static void assertOthersServeTheShare(DemoNode... others) throws Exception {
        for (var node : others) {
            assertThat(node.ask("/mount").orElseThrow().status())
                    .as(node.name())
                    .isEqualTo(200);
            assertThat(node.ask("/ready").orElseThrow().text("mode")).isEqualTo("SHARED");
            assertThat(node.ask("/ready").orElseThrow().status()).isEqualTo(200);
            assertThat(Files.readSymbolicLink(node.live())).isEqualTo(share(node));
        }
    }

    /** Publishes an API on the share as a Gateway does, its file in one step. */
    private static void publish(String name) throws IOException {
        var part = Files.writeString(cluster.share().resolve(API + ".part"), "<api name=\"" + name + "\"/>\n");
        Files.move(
                part, cluster.share().resolve(API + "admin--" + name + "_v1.0.0.xml"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static StatusReport.Member member(DemoNode asked, DemoNode about) {
        return cluster.status(asked).orElseThrow().members().stream()
                .filter(member -> member.name().value().equals(about.name()))
                .findAny()
                .orElseThrow();
    }

    /** In one step, as a mount replaces another. */
    private static void lead(Path link, Path target) throws IOException {
        var next = Files.createSymbolicLink(link.resolveSibling("next"), target);
        Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void aNodeOnACopyOfTheShareIsFoundOutAndServesItsReplicaWhileTheOthersGoOn() throws Exception {
        var copy = cluster.share().resolveSibling("copy");
        SeenTree.run("cp", "-a", cluster.share().toString(), copy.toString());
        lead(node2.mount(), copy);
        awaitMount(node2, 503, Reason.WRONG_EXPORT);
        awaitServing(node2, node2.replica());
        assertOthersServeTheShare(node1, node3);

        // What the others publish still reaches it.
        publish("beside-a-copy");
        cluster.awaitEverywhere(SeenTree.look(cluster.share()));
        cluster.until("it stays in rotation and says why", () -> {
            var ready = node2.ask("/ready").orElseThrow();
            assertThat(ready.status()).isEqualTo(200);
            assertThat(ready.text("reason")).isEqualTo("WRONG_EXPORT");
            assertThat(ready.text("mode")).isEqualTo("SHARED");
        });
        assertOthersServeTheShare(node1, node3);
        assertThat(TestCluster.metric(node2, "lockstep_beacon_lag_seconds{peer=\"node1\",}"))
                .hasValueSatisfying(lag -> assertThat(lag).isPositive());
        assertThat(TestCluster.metric(node2, "lockstep_mount_writable")).contains(0.0);
        assertThat(member(node1, node2).mountReason()).contains(Reason.WRONG_EXPORT);
        var own = cluster.status(node2).orElseThrow().mount();
        assertThat(own.state()).isEqualTo(MountEvidence.State.LOST);
        assertThat(own.detail()).contains("node1", "node3");

        lead(node2.mount(), cluster.share());
        awaitMount(node2, 200, Reason.OK);
        awaitServing(node2, node2.mount());
        SeenTree.run("rm", "-rf", copy.toString());
    }

    @Test
    void aManagerThatLosesItsMountAloneStopsNobody() throws Exception {
        Files.delete(node1.mount());
        awaitMount(node1, 503, Reason.SHARE_MISSING);
        awaitServing(node1, node1.replica());
        cluster.until(
                "the others know",
                () -> assertThat(member(node2, node1).mount()).contains(MountEvidence.State.LOST));
        assertOthersServeTheShare(node2, node3);
        Files.createSymbolicLink(node1.mount(), cluster.share());
        awaitMount(node1, 200, Reason.OK);
        publish("after-the-managers-loss");
        cluster.awaitEverywhere(SeenTree.look(cluster.share()));
    }

    @Test
    void aMarkerMadeAnewByHandIsAnotherShareUntilItIsRegistered() throws Exception {
        var marker = new ShareMarker(cluster.share());
        Files.delete(marker.file());
        assertThat(marker.write("demo")).isTrue();
        for (var node : cluster.nodes()) {
            awaitMount(node, 503, Reason.MARKER_UNREGISTERED);
            awaitServing(node, node.replica());
        }
        awaitMode(Mode.RSYNC);

        assertThat(refusal(cluster.register(node2, ""))).contains("node2 is not the manager");
        assertThat(cluster.register(node1, "?tree=other")).isInstanceOf(CallOutcome.Refused.class);
        var registered = registration(cluster.register(node1, "?tree=server"));
        assertThat(registered.tree()).isEqualTo("server");
        assertThat(registered.isNew()).isTrue();
        assertThat(registration(cluster.register(node1, "")).isNew())
                .as("asked again")
                .isFalse();
        cluster.awaitServing(Mode.SHARED);
    }

    @Test
    void aShareWithoutThisClustersMarkerIsNotRegistered() throws Exception {
        var marker = new ShareMarker(cluster.share()).file();
        var aside = marker.resolveSibling("aside");
        Files.move(marker, aside);
        awaitMount(node1, 503, Reason.MARKER_MISSING);
        assertThat(refusal(cluster.register(node1, ""))).contains("node1 does not see", "MARKER_MISSING");
        Files.move(aside, marker);
    }

    private static ShareRegistration registration(CallOutcome<ShareRegistration[]> outcome) {
        assertThat(outcome).isInstanceOf(CallOutcome.Answered.class);
        return List.of(((CallOutcome.Answered<ShareRegistration[]>) outcome).value())
                .get(0);
    }

    private static String refusal(CallOutcome<ShareRegistration[]> outcome) {
        assertThat(outcome).isInstanceOf(CallOutcome.Refused.class);
        return ((CallOutcome.Refused<ShareRegistration[]>) outcome).error();
    }

    private static void awaitMode(Mode mode) {
        cluster.until("mode " + mode, () -> {
            for (var node : cluster.nodes()) {
                assertThat(node.ask("/ready").orElseThrow().text("mode")).isEqualTo(mode.name());
            }
        });
    }

    @Test
    void whenAllHaveLostTheShareANodeServesOnOrDrainsAsItsOperatorWishes() throws Exception {
        if (FailureIT.isRoot()) {
            // A bind mount keeps the directory that is renamed.
            unmount();
        }
        cluster.takeShareAway();
        awaitMode(Mode.RSYNC);
        cluster.until("node2 drains", () -> {
            var answer = node2.ask("/ready").orElseThrow();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.text("reason")).isEqualTo("SHARE_LOST");
        });
        for (var node : List.of(node1, node3)) {
            var answer = node.ask("/ready").orElseThrow();
            assertThat(answer.status()).as(node.name()).isEqualTo(200);
            assertThat(answer.text("reason")).isEqualTo("SHARE_LOST");
            assertThat(answer.text("remedy")).isEqualTo(Reason.SHARE_LOST.remedy());
        }
        assertThat(member(node1, node2).state()).isEqualTo("share-lost");
        cluster.bringShareBack();
        if (FailureIT.isRoot()) {
            mount();
        }
    }

    @Test
    void aMountThatTurnsReadOnlyIsServedAndNotWritable() throws Exception {
        assumeTrue(FailureIT.isRoot(), "only root can mount");
        SeenTree.run("mount", "-o", "remount,bind,ro", mountpoint().toString());
        try {
            awaitMount(node3, 200, Reason.READ_ONLY);
            var writable = node3.ask("/writable").orElseThrow();
            assertThat(writable.status()).isEqualTo(503);
            assertThat(writable.text("reason")).isEqualTo("READ_ONLY");
            assertThat(node1.ask("/writable").orElseThrow().status()).isEqualTo(200);
            publish("while-read-only");
            cluster.awaitEverywhere(SeenTree.look(cluster.share()));
            assertOthersServeTheShare(node1, node2, node3);
            cluster.until(
                    "its refused writes are counted",
                    () -> assertThat(TestCluster.metric(node3, "lockstep_probe_failures_total{reason=\"READ_ONLY\",}"))
                            .hasValueSatisfying(count -> assertThat(count).isPositive()));
            assertThat(TestCluster.metric(node3, "lockstep_mount_writable")).contains(0.0);
            assertThat(TestCluster.metric(node3, "lockstep_mount_state")).contains(1.0);
            assertThat(member(node1, node3).mountReason()).isEqualTo(Optional.of(Reason.READ_ONLY));
        } finally {
            SeenTree.run("mount", "-o", "remount,bind,rw", mountpoint().toString());
        }
        cluster.until(
                "it is writable again",
                () -> assertThat(node3.ask("/writable").orElseThrow().status()).isEqualTo(200));
    }

    @Test
    void aCleanUnmountIsSeenInTheMountTable() throws Exception {
        assumeTrue(FailureIT.isRoot(), "only root can mount");
        unmount();
        awaitMount(node3, 503, Reason.NOT_MOUNTED);
        awaitServing(node3, node3.replica());
        assertOthersServeTheShare(node1, node2);
        publish("while-unmounted");
        cluster.awaitEverywhere(SeenTree.look(cluster.share()));
        mount();
        awaitMount(node3, 200, Reason.OK);
        awaitServing(node3, mountpoint());
    }

    @Test
    void anotherMountOverTheShareIsSeenInTheMountTable() throws Exception {
        assumeTrue(FailureIT.isRoot(), "only root can mount");
        SeenTree.run(
                "mount",
                "-t",
                "tmpfs",
                "-o",
                "size=64k",
                "lockstep-test",
                mountpoint().toString());
        try {
            awaitMount(node3, 503, Reason.WRONG_TYPE);
            awaitServing(node3, node3.replica());
            assertOthersServeTheShare(node1, node2);
        } finally {
            SeenTree.run("umount", mountpoint().toString());
        }
        awaitMount(node3, 200, Reason.OK);
        awaitServing(node3, mountpoint());
    }
}
