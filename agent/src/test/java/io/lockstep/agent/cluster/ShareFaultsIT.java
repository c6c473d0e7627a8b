package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.faulty.Fault;
import io.lockstep.agent.faulty.Fault.Kind;
import io.lockstep.agent.faulty.FaultyMounts;
import io.lockstep.agent.faulty.Operation;
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
import org.junit.jupiter.api.Test;
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
    /** Where the agent writes what it then renames into the tree. */
    private static final String STAGE = ".lockstep/tmp";

    private static final Fault PROBE_FAILS = Fault.of(Kind.EIO, Operation.ALL).below(".lockstep");

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
        mounted = MountedCluster.start(directory, 3, NodeLayout.LINK);
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
        var published = fault.onNewContent() ? Optional.of(publish(cluster.share())) : Optional.<Path>empty();
        for (var node : nodes) {
            awaitMount(node, fault.reason(), fault.isLost());
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
        others(nodes).forEach(node -> awaitMount(node, Reason.OK, false));

        if (published.isPresent() && fault.site() == FaultCase.Site.ALL) {
            // What nobody saw before all lost the share is no generation's: a person has to decide about it.
            Files.delete(published.get());
        }
        mounted.mounts().clear();
        awaitShared();
    }

    static Stream<Fault> faultsOfWriting() {
        return Stream.of(
                Fault.of(Kind.EIO, Operation.RENAME),
                Fault.of(Kind.HANG, Operation.RENAME),
                Fault.of(Kind.ESTALE, Operation.CREATE).below(STAGE),
                new Fault(Kind.ENOSPC, Operation.GROWTH, STAGE),
                Fault.of(Kind.EROFS, Operation.CHANGES));
    }

    @ParameterizedTest
    @MethodSource("faultsOfWriting")
    void whatTheManagerCanNotWriteToAShareThatCameBackIsWrittenWhenItCan(Fault fault) throws Exception {
        mounted.fault(cluster.nodes(), PROBE_FAILS);
        awaitReplicas(cluster.nodes());
        var manager = cluster.manager();
        var published = publish(manager.live());
        cluster.awaitEverywhere(SeenTree.look(manager.live()));
        var expected = SeenTree.look(manager.live());
        long struck = mounted.mounts().struck(manager.name());

        mounted.mounts().clear();
        mounted.fault(List.of(manager), fault);
        boolean isRefusedAtOnce = fault.equals(Fault.of(Kind.EROFS, Operation.CHANGES));
        cluster.until(
                "the manager has tried to write",
                () -> assertThat(mounted.mounts().struck(manager.name())).isGreaterThan(struck));
        cluster.awaitEverywhere(expected);
        if (isRefusedAtOnce) {
            // In RSYNC the manager's Gateway can publish; while it is written to the share nobody's can.
            assertThat(manager.ask("/writable").orElseThrow().text("mode")).isEqualTo(Mode.RSYNC.name());
        }

        mounted.mounts().clear();
        awaitShared();
        SeenTree.assertSame("the share", SeenTree.look(cluster.share()), expected);
        assertThat(cluster.share().resolve(manager.live().relativize(published)))
                .exists();
    }

    @Test
    void aKilledFileSystemIsToldFromOneThatIsNotMounted() throws Exception {
        mounted.mounts().killDaemon();
        for (var node : cluster.nodes()) {
            awaitMount(node, Reason.NOT_CONNECTED, true);
        }
        awaitReplicas(cluster.nodes());

        mounted.mounts().mountAllAgain();
        awaitShared();
    }

    @Test
    void aCleanUnmountTakesTheNodeAloneToItsReplica() throws Exception {
        var node = cluster.workers().get(0);
        mounted.mounts().unmount(node.name());
        awaitMount(node, Reason.NOT_MOUNTED, true);
        awaitReplicas(List.of(node));

        mounted.mount(node);
        awaitShared();
    }

    @Test
    void aMountThatHangsIsMountedAnewByForce() throws Exception {
        var node = cluster.manager();
        mounted.fault(List.of(node), Fault.of(Kind.HANG, Operation.ALL));
        awaitMount(node, Reason.SHARE_HUNG, true);
        awaitReplicas(List.of(node));
        mounted.mounts().unmountByForce(node.name());
        awaitMount(node, Reason.NOT_MOUNTED, true);

        mounted.mount(node);
        awaitShared();
    }

    @Test
    void aStaleViewIsFoundByTheOthersBeacons() throws Exception {
        var node = cluster.workers().get(0);
        mounted.mounts().makeStale(node.name());
        awaitMount(node, Reason.STALE_VIEW, true);
        awaitReplicas(List.of(node));
        others(List.of(node)).forEach(other -> awaitMount(other, Reason.OK, false));

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

    private void awaitMount(DemoNode node, Reason reason, boolean isLost) {
        cluster.until(node.name() + " tells of its mount", () -> {
            var answer = node.ask("/mount").orElseThrow();
            assertThat(answer.text("reason")).as(answer.toString()).isEqualTo(reason.name());
            assertThat(answer.isOk()).as(answer.toString()).isEqualTo(!isLost);
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

    /** A new API, as a Gateway writes it. */
    private Path publish(Path tree) throws Exception {
        var apis = tree.resolve("synapse-configs/default/api");
        var name = "During" + published++;
        var part = Files.writeString(
                apis.resolve("." + name + ".part"), "<api name=\"" + name + "\"/>\n" + "\n".repeat(2000));
        return Files.move(part, apis.resolve("admin--" + name + "_v1.0.0.xml"));
    }
}
