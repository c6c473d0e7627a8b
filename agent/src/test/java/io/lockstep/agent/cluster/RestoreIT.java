package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.store.KeptEntry;
import io.lockstep.agent.store.KeptListing;
import io.lockstep.agent.store.Trash;
import io.lockstep.cluster.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds, restores and kept content, with three real agents. Every test starts and ends in SHARED mode. */
class RestoreIT {
    private static final String ENDPOINTS = "synapse-configs/default/endpoints";
    private static final String APIS = "synapse-configs/default/api/";

    @TempDir
    private static Path directory;

    private static TestCluster cluster;

    @BeforeAll
    static void startAgents() throws Exception {
        cluster = TestCluster.make(directory, 3);
        for (var node : cluster.nodes()) {
            TestCluster.reconfigure(node, "timing:", "store: {scrubEvery: 1s}\ntiming:");
        }
        cluster.start();
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

    private static DemoNode worker() {
        return cluster.workers().get(0);
    }

    private static OperatorRun lockstep(String... words) {
        return OperatorRun.on(worker(), words);
    }

    private static JsonNode awaitHold() {
        cluster.until(
                "a hold",
                () -> assertThat(lockstep("holds", "-f", "json").json()).hasSize(1));
        try {
            return lockstep("holds", "-f", "json").json().path(0);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aWrongDirectoryThatWasDeletedOnTheShareIsHeldAndPutBack() throws Exception {
        var before = SeenTree.look(cluster.share());
        PathUtils.deleteDirectory(cluster.share().resolve(ENDPOINTS));

        var hold = awaitHold();

        assertThat(hold.path("tree").asText()).isEqualTo("server");
        assertThat(hold.path("reason").asText()).isEqualTo("DELETION_GUARD");
        assertThat(hold.path("planDigest").asText()).startsWith(hold.path("id").asText());
        assertThat(hold.path("counts").path("deleted").asInt()).isPositive();
        assertThat(hold.has("expiresAt")).isTrue();
        assertThat(hold.path("expiresAt").isNull()).isTrue();

        // Everything else goes on: an API that is published meanwhile reaches the replicas, and nothing is deleted.
        var published = publish(cluster.share(), "WhileHeld");
        cluster.until("what was published reaches all replicas", () -> {
            for (var node : cluster.nodes()) {
                assertThat(node.live().resolve(published)).exists();
                assertThat(node.live().resolve(ENDPOINTS)).isNotEmptyDirectory();
            }
        });

        assertThat(lockstep("reject", "000000000000").exitCode()).isEqualTo(66);
        rejectWhatIsHeld();
        cluster.awaitServing(Mode.SHARED);
        var now = SeenTree.look(cluster.share());
        cluster.awaitEverywhere(now);
        assertThat(now).containsAllEntriesOf(before).containsKey(published);
        assertThat(lockstep("holds", "-f", "json").json()).isEmpty();
    }

    /** A plan changes with the files, and its id with it. */
    private static void rejectWhatIsHeld() {
        cluster.until("the plan is rejected", () -> {
            var id = lockstep("holds", "-f", "json").json().path(0).path("id").asText();
            var run = lockstep("reject", id);
            assertThat(run.exitCode()).as(run.err()).isZero();
        });
    }

    @Test
    void aWrongDirectoryThatWasDeletedInRsyncIsPutBackWithContentOfOtherNodes() throws Exception {
        cluster.takeShareAway();
        cluster.awaitServing(Mode.RSYNC);
        var manager = cluster.manager();
        var before = SeenTree.look(manager.live());
        PathUtils.deleteDirectory(manager.live().resolve(ENDPOINTS));

        awaitHold();
        for (var node : cluster.workers()) {
            assertThat(node.live().resolve(ENDPOINTS)).isNotEmptyDirectory();
        }
        rejectWhatIsHeld();

        cluster.awaitEverywhere(before);
        assertThat(lockstep("holds", "-f", "json").json()).isEmpty();
        cluster.bringShareBack();
        cluster.awaitServing(Mode.SHARED);
        SeenTree.assertSame("the share", SeenTree.look(cluster.share()), before);
    }

    @Test
    void anEarlierGenerationAndOnePathOfItComeBackAsNewGenerations() throws Exception {
        var file = publish(cluster.share(), "Restored");
        var other = publish(cluster.share(), "Other");
        var before = everywhere();
        var generation = reference();
        write(cluster.share(), file, "<api name=\"Restored\" version=\"2\"/>\n");
        Files.delete(cluster.share().resolve(other));
        everywhere();
        var newest = reference();

        var plan = lockstep("restore", "--generation", generation, "--dry-run", "-f", "json")
                .json();
        assertThat(plan.path("counts").path("changed").asInt()).isEqualTo(1);
        assertThat(plan.path("counts").path("added").asInt()).isEqualTo(1);
        assertThat(plan.path("changed").path(0).asText()).isEqualTo("server/" + file);
        assertThat(plan.path("planDigest").asText()).hasSize(64);
        assertThat(reference()).isEqualTo(newest);

        var one = lockstep("restore", "--generation", generation, "--path", "server/" + file);
        assertThat(one.exitCode()).as(one.err() + one.out()).isZero();
        cluster.awaitServing(Mode.SHARED);
        everywhere();
        assertThat(cluster.share().resolve(file)).hasContent("<api name=\"Restored\"/>");
        assertThat(cluster.share().resolve(other)).doesNotExist();

        var whole = lockstep("restore", "--generation", generation);
        assertThat(whole.exitCode()).as(whole.err() + whole.out()).isZero();
        cluster.awaitServing(Mode.SHARED);
        cluster.awaitEverywhere(before);
        cluster.until("the share too", () -> SeenTree.assertSame("the share", SeenTree.look(cluster.share()), before));
        // History goes on: what was replaced can be restored in turn.
        assertThat(seq(reference())).isGreaterThan(seq(newest));
        assertThat(lockstep("restore", "--generation", newest, "--dry-run").exitCode())
                .isZero();
        assertThat(lockstep("restore", "--generation", "9.9").exitCode()).isEqualTo(66);
        assertThat(lockstep("restore", "--generation", generation, "--path", "server/none")
                        .exitCode())
                .isEqualTo(66);
    }

    @Test
    void aGenerationComesBackWhileTheShareIsAwayAndReachesItLater() throws Exception {
        var file = publish(cluster.share(), "RestoredInRsync");
        var before = everywhere();
        var generation = reference();
        cluster.takeShareAway();
        cluster.awaitServing(Mode.RSYNC);
        write(cluster.manager().live(), file, "<api name=\"RestoredInRsync\" version=\"2\"/>\n");
        cluster.awaitEverywhere(SeenTree.look(cluster.manager().live()));

        var run = lockstep("restore", "--generation", generation);

        assertThat(run.exitCode()).as(run.err() + run.out()).isZero();
        cluster.awaitEverywhere(before);
        cluster.awaitServing(Mode.RSYNC);
        cluster.bringShareBack();
        cluster.awaitServing(Mode.SHARED);
        SeenTree.assertSame("the share", SeenTree.look(cluster.share()), before);
    }

    @Test
    void contentThatTheManagerHasLostComesFromAnotherNodeAndWhatIsNowhereIsNamed() throws Exception {
        var file = publish(cluster.share(), "Lost");
        everywhere();
        var generation = reference();
        write(cluster.share(), file, "<api name=\"Lost\" version=\"2\"/>\n");
        everywhere();
        for (var node : List.of(cluster.manager(), cluster.workers().get(0))) {
            drop(node, file);
        }
        var run = lockstep("restore", "--generation", generation, "--path", "server/" + file);
        assertThat(run.exitCode()).as(run.err() + run.out()).isZero();
        cluster.awaitServing(Mode.SHARED);
        everywhere();
        assertThat(cluster.share().resolve(file)).hasContent("<api name=\"Lost\"/>");

        write(cluster.share(), file, "<api name=\"Lost\" version=\"3\"/>\n");
        everywhere();
        for (var node : cluster.nodes()) {
            drop(node, file);
        }
        var newest = reference();
        var nowhere = lockstep("restore", "--generation", generation, "--path", "server/" + file, "-f", "json");
        assertThat(nowhere.exitCode()).isEqualTo(69);
        assertThat(nowhere.json().path("missing").path(0).asText()).isEqualTo("server/" + file);
        assertThat(nowhere.json().path("problem").asText())
                .contains("replica, stage, trash and conflict store of node1, and asked node2, node3");
        assertThat(reference()).isEqualTo(newest);
    }

    /** Its trash loses whatever it has of this file. */
    private static void drop(DemoNode node, String file) throws Exception {
        for (var kept : trash(node, file)) {
            Files.delete(kept.content());
        }
    }

    private static List<KeptEntry> trash(DemoNode node, String file) throws Exception {
        return ((KeptListing.Listed) new Trash(TestCluster.work(node).resolve("trash")).list(10_000))
                .entries().stream()
                        .filter(entry -> entry.path().toString().equals("server/" + file))
                        .toList();
    }

    @Test
    void aFlippedByteInTheTrashIsFoundNamedAndMendedFromAnotherNode() throws Exception {
        var file = publish(cluster.share(), "Scrubbed");
        everywhere();
        write(cluster.share(), file, "<api name=\"Scrubbed\" version=\"2\"/>\n");
        everywhere();
        var kept = trash(worker(), file).get(0).content();
        double mended =
                TestCluster.metric(worker(), "lockstep_store_mended_total").orElseThrow();
        var bytes = Files.readAllBytes(kept);
        bytes[3] ^= 4;
        Files.write(kept, bytes);

        cluster.until("the damaged file is mended", () -> {
            assertThat(kept).hasContent("<api name=\"Scrubbed\"/>");
            assertThat(TestCluster.metric(worker(), "lockstep_store_mended_total"))
                    .contains(mended + 1);
            assertThat(TestCluster.metric(worker(), "lockstep_store_damaged")).contains(0.0);
        });

        assertThat(Files.readString(worker().log()))
                .contains("kept content is damaged place=trash file=" + kept)
                .contains("kept content is mended file=" + kept);
    }

    @Test
    void aRestoreThatDeletesTooMuchWaitsForItsApproval() throws Exception {
        everywhere();
        var generation = reference();
        for (int i = 0; i < 30; i++) {
            publish(cluster.share(), "Bulk" + i);
        }
        everywhere();

        var held = lockstep("restore", "--generation", generation);
        assertThat(held.exitCode()).as(held.out()).isEqualTo(75);
        var hold = lockstep("holds", "-f", "json").json().path(0);
        assertThat(hold.path("counts").path("deleted").asInt()).isEqualTo(30);
        assertThat(hold.path("expiresAt").isTextual()).isTrue();
        assertThat(lockstep("reject", hold.path("id").asText()).exitCode()).isZero();
        assertThat(lockstep("holds", "-f", "json").json()).isEmpty();

        var plan = hold.path("planDigest").asText();
        assertThat(lockstep("restore", "--generation", generation, "--approve", "0".repeat(64))
                        .exitCode())
                .isEqualTo(75);
        var approved = lockstep("restore", "--generation", generation, "--approve", plan);
        assertThat(approved.exitCode()).as(approved.err() + approved.out()).isZero();
        cluster.awaitServing(Mode.SHARED);
        everywhere();
        assertThat(cluster.share().resolve(APIS + "admin--Bulk0_v1.0.0.xml")).doesNotExist();
    }

    /** Waits until all nodes serve what the share has now, and it is a generation; returns it. */
    private static Map<String, SeenTree.Entry> everywhere() throws Exception {
        cluster.until("all nodes serve what the share has", () -> {
            var share = SeenTree.look(cluster.share());
            for (var node : cluster.nodes()) {
                SeenTree.assertSame(node.name(), SeenTree.look(node.replica()), share);
            }
        });
        cluster.awaitServing(Mode.SHARED);
        return SeenTree.look(cluster.share());
    }

    private static String reference() {
        return cluster.status(cluster.manager())
                .orElseThrow()
                .generation()
                .orElseThrow()
                .toString();
    }

    private static long seq(String generation) {
        return Long.parseLong(generation.substring(generation.indexOf('.') + 1));
    }

    private static String publish(Path root, String name) throws IOException {
        var file = APIS + "admin--" + name + "_v1.0.0.xml";
        write(root, file, "<api name=\"" + name + "\"/>\n");
        return file;
    }

    private static void write(Path root, String file, String text) throws IOException {
        var part = Files.writeString(root.resolve(APIS + ".part"), text);
        Files.move(part, root.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }
}
