package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.peer.CallOutcome;
import io.lockstep.agent.store.KeptEntry;
import io.lockstep.agent.store.KeptListing;
import io.lockstep.agent.store.Trash;
import io.lockstep.cluster.Mode;
import io.lockstep.wire.ConflictReport;
import io.lockstep.wire.ConflictReport.Conflict;
import io.lockstep.wire.ConflictReport.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A share that goes its own way while the cluster lives without it, and comes back. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReconcileIT {
    @TempDir
    private static Path directory;

    private static TestCluster cluster;
    private static DemoNode manager;

    @BeforeAll
    static void startAgents() throws Exception {
        cluster = TestCluster.start(directory, 3);
        manager = cluster.manager();
    }

    @AfterAll
    static void endAgents() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void everyNodeServesTheShare() {
        cluster.awaitServing(Mode.SHARED);
        cluster.awaitEverywhere(SeenTree.look(cluster.share()));
    }

    /** Both sides go their own ways; the share is still away. */
    private static Divergence part(String name, int newFiles) throws Exception {
        var divergence = new Divergence(name, newFiles);
        divergence.before(cluster.share());
        cluster.awaitEverywhere(SeenTree.look(cluster.share()));
        cluster.awaitServing(Mode.SHARED);
        cluster.takeShareAway();
        cluster.awaitServing(Mode.RSYNC);
        divergence.live(manager.live());
        cluster.awaitEverywhere(divergence.expected());
        divergence.share(cluster.shareWhileAway());
        return divergence;
    }

    private static void awaitMerged(Divergence divergence) {
        cluster.awaitServing(Mode.SHARED);
        cluster.awaitEverywhere(divergence.expected());
        SeenTree.assertSame("the share", SeenTree.look(cluster.share()), divergence.expected());
        // Somewhere it is kept; on two nodes when two have been the manager meanwhile.
        var kept = conflictsAt(divergence.contested());
        assertThat(kept).isNotEmpty();
        for (var conflict : kept) {
            assertThat(conflict.kind()).isEqualTo(Kind.MERGE);
            assertThat(Path.of(conflict.content())).hasContent(divergence.contentOfShare());
        }
        assertThat(kept.stream().map(Conflict::content).distinct()).hasSameSizeAs(kept);
    }

    private static List<Conflict> conflictsAt(String path) {
        var found = new ArrayList<Conflict>();
        for (var node : cluster.nodes()) {
            cluster.conflicts(node).conflicts().stream()
                    .filter(conflict -> conflict.path().toString().equals("server/" + path))
                    .forEach(found::add);
        }
        return found;
    }

    @Test
    @Order(1)
    void bothSidesChangesAreLiveEverywhereAndWhatBothChangedIsAConflict() throws Exception {
        var divergence = part("merged", 3);
        cluster.bringShareBack();

        awaitMerged(divergence);

        var report = cluster.conflicts(manager);
        assertThat(report.conflicts()).hasSize(1);
        assertThat(report.count()).isOne();
        assertThat(TestCluster.metric(manager, "lockstep_conflicts")).contains(1.0);
        assertThat(cluster.status(manager).orElseThrow().members().get(0).conflicts())
                .isOne();
        assertThat(manager.live().resolve(divergence.contested())).hasContent(divergence.contentOfLive());
    }

    @Test
    @Order(2)
    void takingTheSharesSideMakesItLiveEverywhereAndKeepsTheOther() throws Exception {
        var divergence = new Divergence("merged", 3);
        var conflict = conflictsAt(divergence.contested()).get(0);
        var worker = cluster.workers().get(0);
        assertThat(cluster.take(worker, conflict.id(), "share"))
                .as("each node has its own")
                .isInstanceOf(CallOutcome.Refused.class);

        assertThat(cluster.take(manager, conflict.id(), "share")).isInstanceOf(CallOutcome.Answered.class);

        cluster.until("the share's side is live on all nodes and on the share", () -> {
            for (var node : cluster.nodes()) {
                assertThat(node.live().resolve(divergence.contested())).hasContent(divergence.contentOfShare());
            }
            assertThat(cluster.share().resolve(divergence.contested())).hasContent(divergence.contentOfShare());
        });
        cluster.awaitServing(Mode.SHARED);
        assertThat(cluster.conflicts(manager).conflicts()).isEmpty();
        assertThat(trashed(manager, divergence.contested(), KeptEntry.Why.REPLACED))
                .anyMatch(entry -> isContent(entry, divergence.contentOfLive()));
    }

    private static List<KeptEntry> trashed(DemoNode node, String path, KeptEntry.Why why) throws Exception {
        var listing = (KeptListing.Listed) new Trash(TestCluster.work(node).resolve("trash")).list(10_000);
        return listing.entries().stream()
                .filter(entry -> entry.path().toString().equals("server/" + path) && entry.why() == why)
                .toList();
    }

    private static boolean isContent(KeptEntry entry, String content) {
        try {
            return Files.readString(entry.content()).equals(content);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    @Order(3)
    void takingTheLiveSideClosesTheConflictAndKeepsItInTheTrash() throws Exception {
        var divergence = part("closed", 1);
        cluster.bringShareBack();
        awaitMerged(divergence);
        var conflict = conflictsAt(divergence.contested()).get(0);

        assertThat(cluster.take(manager, conflict.id(), "live")).isInstanceOf(CallOutcome.Answered.class);

        assertThat(cluster.conflicts(manager).conflicts()).isEmpty();
        assertThat(trashed(manager, divergence.contested(), KeptEntry.Why.DECIDED))
                .singleElement()
                .matches(entry -> isContent(entry, divergence.contentOfShare()));
        cluster.awaitEverywhere(divergence.expected());
    }

    /** Where the manager is killed. */
    private enum Step {
        STAGED {
            @Override
            boolean isReached(Divergence divergence, long before) throws Exception {
                return isAnyIn("stage");
            }
        },
        KEPT {
            @Override
            boolean isReached(Divergence divergence, long before) throws Exception {
                return isAnyIn("conflicts");
            }
        },
        COMMITTED {
            @Override
            boolean isReached(Divergence divergence, long before) throws Exception {
                return logLines() > before;
            }
        },
        WRITING {
            @Override
            boolean isReached(Divergence divergence, long before) throws Exception {
                return Files.exists(cluster.share()) && divergence.newFilesOfLiveIn(cluster.share()) > 0;
            }
        };

        abstract boolean isReached(Divergence divergence, long before) throws Exception;

        private static boolean isAnyIn(String store) throws Exception {
            var place = TestCluster.work(manager).resolve(store);
            if (!Files.exists(place)) {
                return false;
            }
            try (var files = Files.walk(place)) {
                return files.anyMatch(Files::isRegularFile);
            } catch (java.io.UncheckedIOException | IOException gone) {
                // A file went while it was listed: something is there.
                return true;
            }
        }
    }

    private static long logLines() throws IOException {
        return logLines(manager);
    }

    private static long logLines(DemoNode node) throws IOException {
        return Files.readAllLines(node.configuration().resolveSibling("state/decisions.log"))
                .size();
    }

    /**
     * Brings the share back, and kills the manager as soon as the step is seen to be done.
     *
     * @param heirs who must know by then what was decided: whoever doesn't can't go on with it
     */
    private static void killAt(Step step, Divergence divergence, List<DemoNode> heirs) throws Exception {
        long before = logLines();
        var process = ProcessHandle.of(manager.pid()).orElseThrow();
        cluster.bringShareBack();
        while (!step.isReached(divergence, before)) {
            assertThat(process.isAlive()).isTrue();
            Thread.onSpinWait();
        }
        for (var heir : heirs) {
            while (logLines(heir) < logLines()) {
                Thread.onSpinWait();
            }
        }
        TestCluster.kill(manager);
    }

    private static void noConflictIsLeft() {
        for (var node : cluster.nodes()) {
            for (var conflict : cluster.conflicts(node).conflicts()) {
                assertThat(cluster.take(node, conflict.id(), "live")).isInstanceOf(CallOutcome.Answered.class);
            }
            assertThat(cluster.conflicts(node))
                    .extracting(ConflictReport::count)
                    .isEqualTo(0L);
        }
    }

    @ParameterizedTest
    @MethodSource("steps")
    @Order(4)
    void aManagerThatIsKilledOnTheWayGoesOnWhenItIsStartedAgain(Step step) throws Exception {
        var divergence = part("killed-" + step.name().toLowerCase(java.util.Locale.ROOT), 120);
        killAt(step, divergence, List.of());

        manager.start();

        awaitMerged(divergence);
        assertThat(conflictsAt(divergence.contested())).hasSize(1);
        noConflictIsLeft();
    }

    /** All of them in a long run; MergeStepsTest goes through every step there is, without processes. */
    private static Stream<Step> stepsForAnotherManager() {
        return Boolean.getBoolean("lockstep.all") ? Stream.of(Step.values()) : Stream.of(Step.KEPT);
    }

    private static Stream<Step> steps() {
        return Boolean.getBoolean("lockstep.all") ? Stream.of(Step.values()) : Stream.of(Step.KEPT, Step.WRITING);
    }

    /** The last one: another node is the manager from then on. */
    @ParameterizedTest
    @MethodSource("stepsForAnotherManager")
    @Order(5)
    void anotherManagerGoesOnWhereTheFirstWasKilled(Step step) throws Exception {
        var divergence = part("appointed-" + step.name().toLowerCase(java.util.Locale.ROOT), 120);
        var next = cluster.nodes().get((cluster.nodes().indexOf(manager) + 1) % 3);
        killAt(step, divergence, List.of(next));
        for (var node : cluster.nodes()) {
            TestCluster.kill(node);
            TestCluster.reconfigure(node, "manager: " + manager.name(), "manager: " + next.name());
        }
        manager = next;
        for (var node : cluster.nodes()) {
            node.start();
        }

        awaitMerged(divergence);
        noConflictIsLeft();
    }
}
