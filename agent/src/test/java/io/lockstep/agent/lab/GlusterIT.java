package io.lockstep.agent.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Serving;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three hosts that mount a real GlusterFS volume of a fourth, and what can happen between them. Every test starts and
 * ends with the cluster in SHARED mode.
 */
class GlusterIT {
    private static final Set<Reason> DEAD = Set.of(Reason.NOT_CONNECTED);

    /** A call that hangs ends with ENOTCONN at the ping timeout, and the next one may hang again. */
    private static final Set<Reason> SILENT = Set.of(Reason.SHARE_HUNG, Reason.NOT_CONNECTED);

    @TempDir
    private static Path directory;

    private static final List<AutoCloseable> OPEN = new ArrayList<>();
    private static LabNetwork network;
    private static GlusterServer files;
    private static List<LabHost> hosts = List.of();
    private static LabCluster cluster;

    private Map<String, String> before = Map.of();

    @BeforeAll
    static void mountOnThreeHostsAndStartTheAgents() throws Exception {
        LabNetwork.assumeAvailable("curl", "nft", "glusterd", "gluster", "mount.glusterfs");
        network = LabNetwork.open();
        OPEN.add(network);
        var lab = GlusterCases.make(network, directory);
        OPEN.add(lab);
        files = lab.files();
        hosts = lab.hosts();
        cluster = lab.cluster();
        cluster.configure(LabCluster.SHORT_TIMES, lab::mountKeys);
        cluster.start();
    }

    @AfterAll
    static void endEverything() throws Exception {
        for (int i = OPEN.size() - 1; i >= 0; i--) {
            OPEN.get(i).close();
        }
    }

    @BeforeEach
    void everyNodeServesTheShare() throws Exception {
        cluster.awaitServing(Mode.SHARED, Serving.MOUNT, cluster.nodes());
        before = share();
        cluster.awaitEverywhere(before, cluster.nodes());
        cluster.startCounting();
    }

    @AfterEach
    void healthAnsweredAllTheTime() {
        cluster.assertAlwaysAnswered();
    }

    private static Map<String, String> share() throws Exception {
        return cluster.manager().machine().tree(cluster.manager().share());
    }

    private Map<String, String> beforeAnd(LabNode node, Path root, String path) throws Exception {
        var expected = new TreeMap<>(before);
        expected.put(path, node.machine().tree(root).get(path));
        return expected;
    }

    @Test
    void whatAnyHostWritesIsSeenByAll() throws Exception {
        for (var node : cluster.nodes()) {
            cluster.publish(node, node.live(), "By-" + node.name());
        }
        var expected = share();
        assertThat(expected).hasSize(before.size() + 3);
        cluster.awaitEverywhere(expected, cluster.nodes());
    }

    @Test
    void aKilledBrickTakesAllNodesToTheirReplicasAndWhatIsWrittenMeanwhileReachesTheShare() throws Exception {
        files.killBrick();
        cluster.awaitMountLost(DEAD, cluster.nodes());
        whileTheShareIsAway("InsteadOfABrick");
        double writes = writesToTheShare();
        files.startBrickAgain();
        everythingIsOnTheShare();
        assertThat(writesToTheShare() - writes)
                .as("what is written once is not written again before a look at it")
                .isEqualTo(1);
    }

    private static double writesToTheShare() throws Exception {
        var metrics = hosts.get(0).run("curl", "-sf", "http://127.0.0.1:" + LabNode.OPS_PORT + "/metrics");
        return metrics.lines()
                .filter(line -> line.startsWith("lockstep_apply_seconds_count") && line.contains("place=\"share\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Test
    void aFrozenBrickTakesAllNodesToTheirReplicasAndWhatIsWrittenMeanwhileReachesTheShare() throws Exception {
        files.freezeBrick();
        cluster.awaitMountLost(SILENT, cluster.nodes());
        whileTheShareIsAway("BesideAFrozenBrick");
        files.thawBrick();
        everythingIsOnTheShare();
    }

    /** Everything is as before, the manager's write included, on replicas only. */
    private void whileTheShareIsAway(String name) throws Exception {
        cluster.awaitServing(Mode.RSYNC, Serving.REPLICA, cluster.nodes());
        cluster.awaitEverywhere(before, cluster.nodes());
        var manager = cluster.manager();
        cluster.publish(manager, manager.live(), name);
        // A name that is there already needs another call: GlusterFS has no exchange of names.
        cluster.change(manager, manager.live(), "Account", name);
        before = manager.machine().tree(manager.replica());
        cluster.awaitEverywhere(before, cluster.nodes());
    }

    private void everythingIsOnTheShare() throws Exception {
        cluster.awaitServing(Mode.SHARED, Serving.MOUNT, cluster.nodes());
        LabCluster.assertSame("the share", share(), before);
        cluster.awaitEverywhere(before, cluster.nodes());
    }

    @Test
    void aNodeThatIsCutOffFromTheServerAloneGoesToItsReplicaAndIsFedByTheOthers() throws Exception {
        var cut = cluster.nodes().get(1);
        var others = cluster.allBut(cut);
        var host = hosts.get(1);
        host.cutOffFrom(files.host().address());
        cluster.awaitMountLost(SILENT, List.of(cut));
        cluster.awaitServing(Mode.SHARED, Serving.REPLICA, List.of(cut));
        cluster.awaitServing(Mode.SHARED, Serving.MOUNT, others);
        var path = cluster.publish(others.get(1), others.get(1).live(), "PastTheCut");
        before = beforeAnd(others.get(1), others.get(1).share(), path);
        cluster.awaitEverywhere(before, cluster.nodes());
        cluster.awaitMountLost(SILENT, List.of(cut));
        host.rejoin();
        everythingIsOnTheShare();
    }

    @Test
    void aNodeWhoseLinkIsDownServesItsReplicaAndCatchesUp() throws Exception {
        var away = cluster.nodes().get(2);
        var others = cluster.allBut(away);
        network.unplug(hosts.get(2));
        cluster.awaitMountLost(SILENT, List.of(away));
        cluster.until(
                "its live path leads to its replica",
                () -> assertThat(away.leadsTo()).isEqualTo(away.replica().toString()));
        cluster.awaitServing(Mode.SHARED, Serving.MOUNT, others);
        cluster.until(
                "the manager misses it",
                () -> assertThat(LabCluster.member(cluster.manager(), away)
                                .path("state")
                                .asText())
                        .isEqualTo("unreachable"));
        var path = cluster.publish(others.get(1), others.get(1).live(), "WithoutOne");
        var meanwhile = beforeAnd(others.get(1), others.get(1).share(), path);
        cluster.awaitEverywhere(meanwhile, others);
        LabCluster.assertSame("it serves what it had", away.machine().tree(away.live()), before);
        assertThat(LabCluster.answer(away, "/ready").status()).isEqualTo(200);
        network.plug(hosts.get(2));
        before = meanwhile;
        everythingIsOnTheShare();
    }

    /** Alone it can't tell that the others go on. What they wrote meanwhile is merged when it is back. */
    @Test
    void aManagerWhoseLinkIsDownTakesNobodyWithItAndLosesNothing() throws Exception {
        var manager = cluster.manager();
        var others = cluster.allBut(manager);
        network.unplug(hosts.get(0));
        cluster.awaitServing(Mode.RSYNC, Serving.REPLICA, List.of(manager));
        var path = cluster.publish(others.get(0), others.get(0).live(), "BehindTheManager");
        before = beforeAnd(others.get(0), others.get(0).share(), path);
        for (var other : others) {
            assertThat(LabCluster.answer(other, "/ready").status()).isEqualTo(200);
            assertThat(other.leadsTo()).isEqualTo(other.share().toString());
            LabCluster.assertSame(other.name(), other.machine().tree(other.live()), before);
        }
        network.plug(hosts.get(0));
        everythingIsOnTheShare();
    }
}
