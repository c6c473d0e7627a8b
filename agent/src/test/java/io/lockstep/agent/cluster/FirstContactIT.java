package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.store.ConflictStore;
import io.lockstep.agent.store.KeptListing;
import io.lockstep.cluster.Mode;
import io.lockstep.wire.StatusReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes and a share that had lives of their own before. */
class FirstContactIT {
    private static final String APIS = "synapse-configs/default/api/";
    private static final String COMMON = APIS + "admin--Common_v1.0.0.xml";
    private static final String OWN = APIS + "admin--Own_v1.0.0.xml";

    @TempDir
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    private final Map<String, Map<String, SeenTree.Entry>> before = new TreeMap<>();

    @BeforeEach
    void startNodesWithDifferentTrees() throws Exception {
        cluster = TestCluster.make(directory, 3);
        write(cluster.share(), COMMON, "<api name=\"share\"/>\n");
        for (var node : cluster.nodes()) {
            SeenTree.run("cp", "-a", cluster.share().toString(), node.replica().toString());
            SeenTree.run("rm", "-rf", node.replica().resolve(".lockstep").toString());
        }
        for (var node : cluster.workers()) {
            write(node.replica(), COMMON, "<api name=\"" + node.name() + "\"/>\n");
            write(node.replica(), OWN, "<api name=\"own of " + node.name() + "\"/>\n");
        }
        for (var node : cluster.nodes()) {
            before.put(node.name(), SeenTree.look(node.replica()));
        }
        before.put("share", SeenTree.look(cluster.share()));
        // The manager comes last, so that it hears of all of them before it decides.
        for (var node : List.of(cluster.nodes().get(1), cluster.nodes().get(2), cluster.manager())) {
            node.start();
        }
    }

    @AfterEach
    void endAgents() throws Exception {
        cluster.close();
    }

    private static void write(Path root, String file, String text) throws Exception {
        Files.createDirectories(root.resolve(file).getParent());
        Files.writeString(root.resolve(file), text);
    }

    private OperatorRun lockstep(String... words) {
        return OperatorRun.on(cluster.workers().get(1), words);
    }

    private void awaitHoldAndNothingChanged() throws Exception {
        cluster.until("the manager waits for an operator", () -> {
            var holds = lockstep("holds", "-f", "json").json();
            assertThat(holds).hasSize(1);
            assertThat(holds.path(0).path("reason").asText()).isEqualTo("FIRST_CONTACT");
            assertThat(holds.path(0).path("text").asText())
                    .contains("the share")
                    .contains("is proposed")
                    .contains("node2's replica (")
                    .contains("node3's replica (")
                    .contains("has 1 more, lacks 0 and has 1 others");
            assertThat(holds.path(0).path("paths").toString()).contains(COMMON, OWN);
        });
        assertNothingChanged();
        assertThat(cluster.status(cluster.manager()).orElseThrow().generation()).isEmpty();
    }

    private void assertNothingChanged() {
        for (var node : cluster.nodes()) {
            SeenTree.assertSame(node.name(), SeenTree.look(node.replica()), before.getOrDefault(node.name(), Map.of()));
        }
        SeenTree.assertSame("share", SeenTree.look(cluster.share()), before.getOrDefault("share", Map.of()));
    }

    private static Map<String, String> conflicts(DemoNode node) throws Exception {
        var kept = new TreeMap<String, String>();
        for (var entry : ((KeptListing.Listed)
                        new ConflictStore(TestCluster.work(node).resolve("conflicts")).list(100))
                .entries()) {
            kept.put(entry.path().toString(), Files.readString(entry.content()));
        }
        return kept;
    }

    @Test
    void nothingIsDeletedUntilAnOperatorAdoptsAndWhatLosesIsAConflict() throws Exception {
        awaitHoldAndNothingChanged();

        // A restart decides nothing.
        TestCluster.kill(cluster.workers().get(0));
        cluster.workers().get(0).start();
        awaitHoldAndNothingChanged();

        // The one that was started again may not listen yet.
        cluster.until("all agents take it", () -> {
            var run = lockstep("adopt");
            assertThat(run.exitCode()).as(run.err()).isZero();
        });
        cluster.awaitEverywhere(before.getOrDefault("share", Map.of()));
        cluster.awaitServing(Mode.SHARED);
        for (var node : cluster.workers()) {
            assertThat(conflicts(node))
                    .containsEntry("server/" + COMMON, "<api name=\"" + node.name() + "\"/>\n")
                    .containsEntry("server/" + OWN, "<api name=\"own of " + node.name() + "\"/>\n");
        }
    }

    @Test
    void theTreeOfANodeIsAdoptedAndWhatTheShareHadIsAGenerationOfItsOwn() throws Exception {
        awaitHoldAndNothingChanged();
        assertThat(lockstep("adopt", "--from", "nobody").exitCode()).isEqualTo(66);
        var wanted = before.getOrDefault("node2", Map.of());

        cluster.until("node2's tree is adopted", () -> {
            var run = lockstep("adopt", "--from", "node2");
            assertThat(run.exitCode()).as(run.err() + run.out()).isZero();
        });

        cluster.awaitEverywhere(wanted);
        cluster.until("the share has it", () -> SeenTree.assertSame("share", SeenTree.look(cluster.share()), wanted));
        cluster.awaitServing(Mode.SHARED);
        assertThat(conflicts(cluster.workers().get(1)))
                .containsEntry("server/" + COMMON, "<api name=\"node3\"/>\n")
                .containsEntry("server/" + OWN, "<api name=\"own of node3\"/>\n");
        var plan = lockstep("restore", "--generation", "1.1", "--path", "server/" + COMMON);
        assertThat(plan.exitCode()).as(plan.err() + plan.out()).isZero();
        cluster.until(
                "what the share had is back",
                () -> assertThat(cluster.share().resolve(COMMON)).hasContent("<api name=\"share\"/>"));
    }

    @Test
    void aNodeThatComesLaterWithOtherFilesWaitsByItself() throws Exception {
        cluster.until(
                "all agents take it",
                () -> assertThat(lockstep("adopt").exitCode()).isZero());
        cluster.awaitServing(Mode.SHARED);
        cluster.awaitEverywhere(SeenTree.look(cluster.share()));
        var late = cluster.workers().get(0);
        TestCluster.kill(late);
        SeenTree.run("rm", "-rf", late.mount().resolveSibling("state").toString());
        write(late.replica(), OWN, "<api name=\"written while nobody looked\"/>\n");
        var own = SeenTree.look(late.replica());

        late.start();

        cluster.until(
                "it says why it waits",
                () -> assertThat(cluster.status(late)
                                .flatMap(StatusReport::problem)
                                .orElse(""))
                        .contains("this node has 1 files of its own")
                        .contains("lockstep adopt"));
        SeenTree.assertSame("its replica", SeenTree.look(late.replica()), own);
        assertThat(lockstep("adopt").exitCode()).isZero();
        cluster.awaitEverywhere(SeenTree.look(cluster.share()));
        assertThat(conflicts(late)).containsEntry("server/" + OWN, "<api name=\"written while nobody looked\"/>\n");
    }
}
