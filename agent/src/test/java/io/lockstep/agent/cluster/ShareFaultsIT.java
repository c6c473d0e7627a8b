package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.faulty.FaultyMounts;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the share's mount does to a call, on one worker, on the manager, on all nodes: health answers all the time,
 * the state and its reason are right, nothing is lost anywhere, an agent stops and starts while its mount hangs, and
 * everything is as before when the fault ends. Each case starts and ends with the cluster in SHARED mode.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShareFaultsIT {
    @TempDir
    private static Path directory;

    @SuppressWarnings("NullAway.Init")
    private MountedCluster mounted;

    @SuppressWarnings("NullAway.Init")
    private TestCluster cluster;

    private Optional<HealthWatch> health = Optional.empty();
    private Optional<LossWatch> losses = Optional.empty();

    private int published;

    @BeforeAll
    void startAgents() throws Exception {
        FaultyMounts.assumeAvailable();
        mounted = MountedCluster.start(directory, 3);
        cluster = mounted.cluster();
    }

    @AfterAll
    void nothingIsLeft() throws Exception {
        if (mounted != null) {
            mounted.close();
        }
    }

    @BeforeEach
    void everyNodeServesTheShare() throws Exception {
        awaitShared();
        health = Optional.of(new HealthWatch(cluster.nodes()));
        losses = Optional.of(new LossWatch(cluster.share(), cluster.nodes()));
    }

    private void awaitShared() throws Exception {
        cluster.awaitServing(Mode.SHARED);
        cluster.until("every live path leads to the mount", () -> {
            for (var node : cluster.nodes()) {
                assertThat(Files.readSymbolicLink(node.live())).isEqualTo(node.mount());
                assertThat(node.ask("/mount").orElseThrow().text("reason"))
                        .as(node.name())
                        .isEqualTo(Reason.OK.name());
            }
        });
        cluster.awaitEverywhere(SeenTree.look(cluster.share()));
    }

    @AfterEach
    void healthAnsweredAndNothingWasLost() throws Exception {
        mounted.mounts().clear();
        var answers = health;
        var kept = losses;
        health = Optional.empty();
        losses = Optional.empty();
        if (answers.isPresent() && kept.isPresent()) {
            answers.get().close();
            kept.get().close();
            assertThat(answers.get().failures()).as(answers.get().summary()).isEmpty();
            assertThat(kept.get().losses()).as(kept.get().summary()).isEmpty();
        }
    }

    static Stream<FaultCase> cases() {
        return FaultCase.all(Boolean.getBoolean("lockstep.all"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theClusterServesThroughIt(FaultCase fault) throws Exception {
        var nodes = nodes(fault.site());
        for (var part : fault.faults()) {
            mounted.fault(nodes, part);
        }
        var published = fault.onNewContent() ? Optional.of(publish()) : Optional.<Path>empty();
        for (var node : nodes) {
            awaitMount(node, fault);
        }
        if (fault.isLost()) {
            awaitReplicas(nodes);
        }
        if (fault.hidesEntries()) {
            awaitUnknownEntries(nodes);
        }
        if (fault.isHang()) {
            for (var node : nodes) {
                mounted.restart(node, health.orElseThrow());
            }
            awaitReplicas(nodes);
        }
        others(nodes).forEach(node -> assertMountIsGood(node));

        if (published.isPresent() && fault.site() == FaultCase.Site.ALL) {
            // What nobody saw before all lost the share is no generation's: a person has to decide about it.
            Files.delete(published.get());
        }
        mounted.mounts().clear();
        awaitShared();
    }

    private List<DemoNode> nodes(FaultCase.Site site) {
        return switch (site) {
            case WORKER -> cluster.workers().subList(0, 1);
            case MANAGER -> List.of(cluster.manager());
            case ALL -> cluster.nodes();
        };
    }

    private List<DemoNode> others(List<DemoNode> nodes) {
        return cluster.nodes().stream().filter(node -> !nodes.contains(node)).toList();
    }

    private void awaitMount(DemoNode node, FaultCase fault) {
        cluster.until(node.name() + " tells of its mount", () -> {
            var answer = node.ask("/mount").orElseThrow();
            assertThat(answer.text("reason"))
                    .as(answer.toString())
                    .isEqualTo(fault.reason().name());
            assertThat(answer.isOk()).as(answer.toString()).isEqualTo(!fault.isLost());
        });
    }

    private void awaitUnknownEntries(List<DemoNode> nodes) {
        for (var node : nodes) {
            cluster.until(node.name() + " tells that it does not know all", () -> {
                var ready = node.ask("/ready").orElseThrow();
                // When all say so, most of them stay in rotation.
                assertThat(ready.text("reason"))
                        .as(ready.toString())
                        .isIn(Reason.UNKNOWN_ENTRIES.name(), Reason.ROTATION_LIMIT.name());
            });
        }
    }

    private static void assertMountIsGood(DemoNode node) {
        var answer = node.ask("/mount").orElseThrow();
        assertThat(answer.text("reason")).as(node.name() + " " + answer).isEqualTo(Reason.OK.name());
    }

    /** The nodes serve their replicas and are good for it; of all nodes' loss the mode follows. */
    private void awaitReplicas(List<DemoNode> nodes) {
        boolean isTotal = nodes.size() == cluster.nodes().size();
        cluster.until("the replicas are served", () -> {
            for (var node : nodes) {
                assertThat(Files.readSymbolicLink(node.live())).as(node.name()).isEqualTo(node.replica());
            }
            for (var node : cluster.nodes()) {
                var ready = node.ask("/ready").orElseThrow();
                assertThat(ready.isOk()).as(node.name() + " " + ready).isTrue();
                assertThat(ready.text("mode")).isEqualTo((isTotal ? Mode.RSYNC : Mode.SHARED).name());
            }
        });
    }

    /** A new API on the share, as a Gateway elsewhere writes it. */
    private Path publish() throws Exception {
        var apis = cluster.share().resolve("synapse-configs/default/api");
        var name = "During" + published++;
        var part = Files.writeString(apis.resolve("." + name + ".part"), "<api name=\"" + name + "\"/>\n".repeat(50));
        return Files.move(part, apis.resolve("admin--" + name + "_v1.0.0.xml"));
    }
}
