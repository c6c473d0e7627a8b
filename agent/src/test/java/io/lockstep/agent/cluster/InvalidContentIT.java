package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.store.ConflictStore;
import io.lockstep.agent.store.KeptEntry;
import io.lockstep.agent.store.KeptListing;
import io.lockstep.cluster.Mode;
import io.lockstep.generation.HeldBack;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Content that no Gateway can deploy stays off every node, and whatever lies beside it arrives. */
class InvalidContentIT {
    private static final String APIS = "synapse-configs/default/api/";
    private static final String STOCK = APIS + "admin--Stock_v1.0.0.xml";
    private static final String CAR = "carbonapps/pack_1.0.0.car";

    @TempDir
    private static Path directory;

    private static TestCluster cluster;

    @BeforeAll
    static void startAgents() throws Exception {
        cluster = TestCluster.start(directory, 2);
        put(cluster.share(), CAR, application("1"));
        cluster.awaitServing(Mode.SHARED);
        cluster.awaitEverywhere(SeenTree.look(cluster.share()));
    }

    @AfterAll
    static void endAgents() throws Exception {
        cluster.close();
    }

    private static byte[] application(String version) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            for (var name : List.of("artifacts.xml", "a/artifact.xml")) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(("<artifact version=\"" + version + "\"/>").getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        return out.toByteArray();
    }

    /** In one step, so that nothing but the content itself can keep it back. */
    private static void put(Path root, String file, byte[] content) throws IOException {
        var target = root.resolve(file);
        Files.createDirectories(target.getParent());
        var part = Files.write(root.resolve(".part"), content);
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }

    private static byte[] cut(byte[] content) {
        return Arrays.copyOf(content, content.length * 6 / 10);
    }

    private static byte[] api(String name) {
        return ("<api xmlns=\"http://ws.apache.org/ns/synapse\" name=\"admin--" + name + "\"/>\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, HeldBack.Why> heldBack() {
        var held = new TreeMap<String, HeldBack.Why>();
        cluster.status(cluster.manager())
                .orElseThrow()
                .heldBackWhy()
                .forEach(one -> held.put(one.path().toString(), one.why()));
        return held;
    }

    private static void awaitReplicas(List<DemoNode> nodes, Map<String, SeenTree.Entry> expected) {
        cluster.until("the replicas are as expected", () -> {
            for (var node : nodes) {
                SeenTree.assertSame(node.name() + "'s replica", SeenTree.look(node.replica()), expected);
            }
        });
    }

    private static Map<String, SeenTree.Entry> with(Map<String, SeenTree.Entry> before, Path root, String... files) {
        var after = new TreeMap<>(before);
        var seen = SeenTree.look(root);
        for (var file : files) {
            after.put(file, seen.get(file));
        }
        return after;
    }

    @Test
    void onTheShareItKeepsItsLastGoodVersionUntilItIsRepaired() throws Exception {
        var share = cluster.share();
        var before = SeenTree.look(share);
        var stock = Files.readAllBytes(share.resolve(STOCK));
        put(share, STOCK, cut(stock));
        put(share, CAR, cut(application("2")));
        var fresh = APIS + "admin--Fresh_v1.0.0.xml";
        put(share, fresh, api("Fresh"));

        awaitReplicas(cluster.nodes(), with(before, share, fresh));
        cluster.until(
                "both are told with why",
                () -> assertThat(heldBack())
                        .isEqualTo(Map.of(
                                "server/" + STOCK,
                                HeldBack.Why.INVALID_XML,
                                "server/" + CAR,
                                HeldBack.Why.INVALID_ARCHIVE)));
        var status = Program.start(
                directory.resolve("status"),
                "status",
                "--config",
                cluster.manager().configuration().toString());
        assertThat(status.exitCode()).as(status.text()).isZero();
        assertThat(status.text())
                .contains("server/" + STOCK, "is not well-formed XML: line", "is no whole archive: its end is missing");
        // No node is out of rotation for it: all see the same, and none could do better.
        cluster.awaitServing(Mode.SHARED);

        put(share, STOCK, stock);
        put(share, CAR, application("2"));
        cluster.awaitEverywhere(SeenTree.look(share));
        cluster.awaitServing(Mode.SHARED);
        assertThat(heldBack()).isEmpty();
    }

    @Test
    void whatTheManagersGatewayWritesIsTakenWhenItIsWholeAndClosed() throws Exception {
        cluster.takeShareAway();
        cluster.awaitServing(Mode.RSYNC);
        var live = cluster.manager().live();
        var before = SeenTree.look(live);
        var stock = Files.readAllBytes(live.resolve(STOCK));
        put(live, STOCK, cut(stock));
        var slow = APIS + "admin--Slow_v1.0.0.xml";
        try (var file = FileChannel.open(live.resolve(slow), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            // Whole, and quiet; but whoever writes has not said that it is done.
            file.write(ByteBuffer.wrap(api("Slow")));
            var fresh = APIS + "admin--Beside_v1.0.0.xml";
            put(live, fresh, api("Beside"));
            awaitReplicas(cluster.workers(), with(before, live, fresh));
            cluster.until(
                    "both are told with why",
                    () -> assertThat(heldBack())
                            .isEqualTo(Map.of(
                                    "server/" + STOCK,
                                    HeldBack.Why.INVALID_XML,
                                    "server/" + slow,
                                    HeldBack.Why.BEING_WRITTEN)));
        }
        var after = with(SeenTree.look(live), live, slow);
        after.put(STOCK, before.get(STOCK));
        awaitReplicas(cluster.workers(), after);
        cluster.until("every node is in rotation", () -> {
            for (var node : cluster.nodes()) {
                assertThat(node.ask("/ready").orElseThrow().text("state"))
                        .as(node.name())
                        .isEqualTo("ok");
            }
        });

        put(live, STOCK, stock);
        cluster.awaitEverywhere(SeenTree.look(live));
        assertThat(heldBack()).isEmpty();
        cluster.bringShareBack();
        cluster.awaitServing(Mode.SHARED);
        SeenTree.assertSame("the share", SeenTree.look(cluster.share()), SeenTree.look(live));
    }

    @Test
    void whatIsInvalidOnAShareThatReturnsIsKeptAsAConflict() throws Exception {
        var before = SeenTree.look(cluster.share());
        cluster.takeShareAway();
        cluster.awaitServing(Mode.RSYNC);
        var away = cluster.shareWhileAway();
        var invalid = "<api name=\"admin--Stock\">".getBytes(StandardCharsets.UTF_8);
        put(away, STOCK, invalid);
        var fresh = APIS + "admin--Foreign_v1.0.0.xml";
        put(away, fresh, api("Foreign"));
        var expected = with(before, away, fresh);

        cluster.bringShareBack();
        cluster.awaitServing(Mode.SHARED);

        cluster.awaitEverywhere(expected);
        SeenTree.assertSame("the share", SeenTree.look(cluster.share()), expected);
        assertThat(conflictsOf(cluster.manager()))
                .anySatisfy(kept -> assertThat(kept.content()).hasBinaryContent(invalid));
    }

    private static List<KeptEntry> conflictsOf(DemoNode node) throws Exception {
        var conflicts = new ConflictStore(TestCluster.work(node).resolve("conflicts"));
        return ((KeptListing.Listed) conflicts.list(100)).entries();
    }

    @Test
    void whatIsHeldBackWhenTheShareReturnsIsKeptAsAConflict() throws Exception {
        var before = SeenTree.look(cluster.share());
        cluster.takeShareAway();
        cluster.awaitServing(Mode.RSYNC);
        var manager = cluster.manager();
        var invalid = cut(Files.readAllBytes(manager.live().resolve(STOCK)));
        put(manager.live(), STOCK, invalid);
        cluster.until("it is held back", () -> assertThat(heldBack()).containsOnlyKeys("server/" + STOCK));

        cluster.bringShareBack();
        cluster.awaitServing(Mode.SHARED);
        cluster.awaitEverywhere(before);
        assertThat(conflictsOf(manager)).anySatisfy(kept -> {
            assertThat(kept.path()).hasToString("server/" + STOCK);
            assertThat(kept.content()).hasBinaryContent(invalid);
        });
    }
}
