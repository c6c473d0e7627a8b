package io.lockstep.agent.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
 * Two guests with Linux's own NFS client and a hard mount, and a server on a host beside them. Every test starts and ends
 * with the cluster in SHARED mode. Only {@code ./check --all} runs it: it needs packages that nothing else needs.
 */
class NfsIT {
    private static final Set<Reason> SILENT = Set.of(Reason.SHARE_HUNG);

    private static final Set<Reason> STALE = Set.of(Reason.STALE_HANDLE);

    @TempDir
    private static Path directory;

    private static final List<AutoCloseable> OPEN = new ArrayList<>();
    private static LabNetwork network;
    private static NfsServer files;
    private static LabCluster cluster;
    private static List<UmlGuest> guests = List.of();

    private Map<String, String> before = Map.of();

    @BeforeAll
    static void bootTwoGuestsAndStartTheAgents() throws Exception {
        assumeTrue(Boolean.getBoolean("lockstep.all"), "only ./check --all runs it");
        LabNetwork.assumeAvailable("nft", "linux.uml", "ganesha.nfsd", "modprobe");
        network = LabNetwork.open();
        OPEN.add(network);
        files = NfsServer.start(network.host("files"), directory.resolve("files"));
        guests = List.of(
                network.guest("gw1", directory.resolve("control1")),
                network.guest("gw2", directory.resolve("control2")));
        cluster = LabCluster.make(directory, guests);
        OPEN.add(cluster);
        cluster.configure(LabCluster.SHORT_TIMES, node -> node.mountKeys("nfs4", files.source()));
        for (int i = 0; i < guests.size(); i++) {
            var node = cluster.nodes().get(i);
            files.mountOn(guests.get(i), node.mountpoint(), "");
            node.watchFrom(guests.get(i).host(), guests.get(i).address());
        }
        cluster.prepareShare(cluster.manager());
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

    /** As the server has it. */
    private static Map<String, String> share() throws Exception {
        return files.host().tree(files.export().resolve("server"));
    }

    private Map<String, String> beforeAnd(LabNode node, Path root, String path) throws Exception {
        var expected = new TreeMap<>(before);
        expected.put(path, node.machine().tree(root).get(path));
        return expected;
    }

    @Test
    void whatAnotherNodeWritesIsSeenInSpiteOfTheClientsCaches() throws Exception {
        for (var node : cluster.nodes()) {
            cluster.publish(node, node.live(), "By-" + node.name());
        }
        var expected = share();
        assertThat(expected).hasSize(before.size() + 2);
        cluster.awaitEverywhere(expected, cluster.nodes());
    }

    @Test
    void aServerThatSaysNothingTakesAllNodesToTheirReplicas() throws Exception {
        files.freeze();
        cluster.awaitMountLost(SILENT, cluster.nodes());
        whileTheShareIsAway("BesideAFrozenServer");
        files.thaw();
        everythingIsOnTheShare();
    }

    @Test
    void aServerThatIsGoneTakesAllNodesToTheirReplicas() throws Exception {
        files.stop();
        cluster.awaitMountLost(SILENT, cluster.nodes());
        whileTheShareIsAway("WithoutAServer");
        files.startAgain();
        everythingIsOnTheShare();
    }

    @Test
    void agentsStopAndStartWhileTheMountHangs() throws Exception {
        files.freeze();
        cluster.awaitMountLost(SILENT, cluster.nodes());
        cluster.awaitServing(Mode.RSYNC, Serving.REPLICA, cluster.nodes());
        for (var node : cluster.nodes()) {
            assertThat(node.stop()).as(node.name() + " stops").isTrue();
            node.start();
            cluster.awaitServing(Mode.RSYNC, Serving.REPLICA, List.of(node));
        }
        whileTheShareIsAway("AfterANewStart");
        cluster.startCounting();
        files.thaw();
        everythingIsOnTheShare();
    }

    @Test
    void aNodeThatIsCutOffFromTheServerAloneGoesToItsReplicaAndIsFedByTheOther() throws Exception {
        var cut = cluster.nodes().get(1);
        files.host().cutOffFrom(guests.get(1).address());
        cluster.awaitMountLost(SILENT, List.of(cut));
        cluster.awaitServing(Mode.SHARED, Serving.REPLICA, List.of(cut));
        var manager = cluster.manager();
        cluster.awaitServing(Mode.SHARED, Serving.MOUNT, List.of(manager));
        var path = cluster.publish(manager, manager.live(), "PastTheCut");
        before = beforeAnd(manager, manager.share(), path);
        cluster.awaitEverywhere(before, cluster.nodes());
        files.host().rejoin();
        everythingIsOnTheShare();
    }

    /** As when somebody restores a backup on the server: another directory of the same content has the name. */
    @Test
    void aDirectoryReplacedOnTheServerLosesNothing() throws Exception {
        files.replace(files.export().resolve("server"));
        everythingIsOnTheShare();
        cluster.publish(cluster.manager(), cluster.manager().live(), "IntoTheNewOne");
        before = share();
        everythingIsOnTheShare();
    }

    /** As when the server's disk was restored: what the clients have mounted is not there any more. */
    @Test
    void anExportReplacedOnTheServerIsLostUntilItIsMountedAnew() throws Exception {
        files.replace(files.export());
        cluster.awaitMountLost(STALE, cluster.nodes());
        whileTheShareIsAway("BesideAStaleHandle");
        files.stop();
        files.startAgain();
        for (int i = 0; i < guests.size(); i++) {
            var mountpoint = cluster.nodes().get(i).mountpoint();
            guests.get(i).run("umount", "-l", mountpoint.toString());
            files.mountOn(guests.get(i), mountpoint, "");
        }
        everythingIsOnTheShare();
    }

    private void whileTheShareIsAway(String name) throws Exception {
        cluster.awaitServing(Mode.RSYNC, Serving.REPLICA, cluster.nodes());
        cluster.awaitEverywhere(before, cluster.nodes());
        var manager = cluster.manager();
        var path = cluster.publish(manager, manager.live(), name);
        before = beforeAnd(manager, manager.replica(), path);
        cluster.awaitEverywhere(before, cluster.nodes());
    }

    private void everythingIsOnTheShare() throws Exception {
        cluster.awaitServing(Mode.SHARED, Serving.MOUNT, cluster.nodes());
        LabCluster.assertSame("the share", share(), before);
        cluster.awaitEverywhere(before, cluster.nodes());
    }
}
