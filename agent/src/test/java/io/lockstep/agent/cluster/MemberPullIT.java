package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.http.Relay;
import io.lockstep.cluster.Mode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three agents without a share. The third reaches the others through relays, which stop a pull in its middle; the
 * second's replica lies on a disk that rots.
 */
class MemberPullIT {
    private static final int MEGABYTE = 1_000_000;
    private static final String CARS = "carbonapps/";

    @TempDir
    private static Path directory;

    private static TestCluster cluster;
    private static RottenDisk disk;
    private static final Map<DemoNode, Relay> RELAYS = new LinkedHashMap<>();
    private static DemoNode puller;

    @BeforeAll
    static void startAgents() throws Exception {
        // Before the nodes choose theirs, so that no port is chosen twice.
        var relays = List.of(new Relay(), new Relay());
        cluster = TestCluster.make(directory.resolve("cluster"), 3);
        disk = RottenDisk.mountAt(cluster.nodes().get(1).replica().getParent(), directory.resolve("disk.image"));
        puller = cluster.nodes().get(2);
        var text = Files.readString(puller.configuration());
        for (int i = 0; i < 2; i++) {
            var node = cluster.nodes().get(i);
            var relay = relays.get(i).to(node.controlPort());
            RELAYS.put(node, relay);
            text = text.replace(node.control(), relay.control().toString());
        }
        Files.writeString(puller.configuration(), text);
        for (var node : cluster.nodes()) {
            node.start();
        }
        cluster.awaitServing(Mode.SHARED);
        cluster.takeShareAway();
    }

    @AfterAll
    static void endAgents() throws Exception {
        cluster.close();
        for (var relay : RELAYS.values()) {
            relay.close();
        }
        if (disk != null) {
            disk.unmount();
        }
    }

    @BeforeEach
    void everyNodeServesTheManagersReplica() throws Exception {
        for (var node : cluster.nodes()) {
            if (!node.isAlive()) {
                // The test before failed while it was ended.
                node.start();
            }
        }
        cluster.awaitServing(Mode.RSYNC);
        cluster.awaitEverywhere(SeenTree.look(cluster.manager().live()));
    }

    /** A carbon application of which {@code bytes} can't be packed any smaller. */
    private static byte[] application(int seed, int bytes) throws IOException {
        var content = new byte[bytes];
        new Random(seed).nextBytes(content);
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("artifacts.xml"));
            zip.write("<artifacts/>".getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("payload"));
            zip.write(content);
        }
        return out.toByteArray();
    }

    /** Publishes an archive at the manager and waits until the second node has it, too. */
    private static Path publish(String name, byte[] content) throws Exception {
        var part = Files.write(cluster.manager().live().resolve(".part"), content);
        var directory = Files.createDirectories(cluster.manager().live().resolve(CARS));
        Files.move(part, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        var worker = cluster.nodes().get(1);
        cluster.until(
                name + " is on " + worker.name(),
                () -> assertThat(worker.replica().resolve(CARS + name)).hasBinaryContent(content));
        return Path.of(CARS + name);
    }

    private static void stopPullsAfter(long bytes) {
        RELAYS.values().forEach(relay -> relay.stopAfter(bytes));
    }

    private static DemoNode awaitStoppedServer() {
        cluster.until(
                "a pull is stopped in its middle",
                () -> assertThat(RELAYS.values()).anyMatch(Relay::hasStopped));
        // What is between the relay and the disk when a process is killed moves again, so let it arrive.
        cluster.until("what came has been written", () -> {
            try (var files = Files.walk(TestCluster.work(puller).resolve("pull"))) {
                assertThat(files.filter(Files::isRegularFile)
                                .mapToLong(file -> file.toFile().length())
                                .sum())
                        .isGreaterThan(17 * MEGABYTE);
            }
        });
        return RELAYS.entrySet().stream()
                .filter(entry -> entry.getValue().hasStopped())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    private static void awaitPulled(Path car, byte[] content) {
        cluster.until(
                car + " is on " + puller.name(),
                () -> assertThat(puller.replica().resolve(car)).hasBinaryContent(content));
    }

    private static long takeWireBytes() {
        return RELAYS.values().stream().mapToLong(Relay::takeBytes).sum();
    }

    @Test
    void aPullerThatIsKilledInTheMiddleGoesOn() throws Exception {
        TestCluster.kill(puller);
        var content = application(1, 30 * MEGABYTE);
        var car = publish("Killed_1.0.0.car", content);
        stopPullsAfter(20 * MEGABYTE);
        puller.start();
        awaitStoppedServer();

        TestCluster.kill(puller);
        RELAYS.values().forEach(Relay::heal);
        takeWireBytes();
        puller.start();

        awaitPulled(car, content);
        assertThat(takeWireBytes()).isLessThan(15 * MEGABYTE);
        awaitNoLeftovers();
    }

    private static void awaitNoLeftovers() {
        cluster.until("nothing that was pulled in part is left", () -> {
            assertThat(TestCluster.work(puller).resolve("pull")).isEmptyDirectory();
            assertThat(TestCluster.work(puller).resolve("stage")).isEmptyDirectory();
        });
    }

    @Test
    void aServerThatIsKilledInTheMiddleIsFollowedByAnotherFromThere() throws Exception {
        TestCluster.kill(puller);
        var content = application(2, 30 * MEGABYTE);
        var car = publish("Server_1.0.0.car", content);
        stopPullsAfter(20 * MEGABYTE);
        puller.start();
        var server = awaitStoppedServer();
        takeWireBytes();

        RELAYS.values().forEach(Relay::heal);
        TestCluster.kill(server);

        awaitPulled(car, content);
        assertThat(takeWireBytes()).isLessThan(15 * MEGABYTE);
        server.start();
        cluster.until("no list of a killed server is left", () -> {
            try (var lists =
                    Files.newDirectoryStream(server.configuration().resolveSibling("state/rsync"), "serve-*.list")) {
                assertThat(lists).isEmpty();
            }
        });
    }

    @Test
    void aReplicaThatRottedIsNamedAndTheThirdNodeHelps() throws Exception {
        var rotten = cluster.nodes().get(1);
        // Of two files each member is asked for one first, whoever that is.
        var cars = List.of(
                publish("A_1.0.0.car", application(3, 2 * MEGABYTE)),
                publish("B_1.0.0.car", application(4, 2 * MEGABYTE)));
        var expected = SeenTree.look(cluster.manager().live());
        cluster.awaitEverywhere(expected);
        TestCluster.kill(puller);
        awaitScansThatReadNothing(rotten);
        for (var car : cars) {
            disk.rot(rotten.replica().resolve(car));
            Files.delete(puller.replica().resolve(car));
        }

        puller.start();

        cluster.until(
                "the files are back on " + puller.name(),
                () -> SeenTree.assertSame(puller.name(), SeenTree.look(puller.replica()), expected));
        assertThat(puller.lastLogLines(200))
                .anyMatch(line -> line.contains("level=WARN")
                        && line.contains("pull rejected peer=" + rotten.name())
                        && line.contains(" path=server/" + CARS)
                        && line.matches(".* expected=[0-9a-f]{64} actual=[0-9a-f]{64}"));
        assertThat(metric(puller, "lockstep_pull_rejected_total{peer=\"" + rotten.name() + "\",}"))
                .isPositive();
        assertThat(cluster.status(puller).orElseThrow().problem().orElse(""))
                .contains(rotten.name() + " sent wrong bytes for server/" + CARS);

        // As operations.md says: what is removed there is fetched anew.
        for (var car : cars) {
            Files.delete(rotten.replica().resolve(car));
        }
        cluster.awaitEverywhere(expected);
    }

    /** A scan reads what changed a moment ago once more, and would see the rot: waits until none does any more. */
    private static void awaitScansThatReadNothing(DemoNode node) {
        var before = new double[2];
        cluster.until("two scans of " + node.name() + " read no file", () -> {
            double scans = metric(node, "lockstep_scan_seconds_count{place=\"replica\",}");
            double read = metric(node, "lockstep_scan_hashed_files_total");
            if (read != before[1]) {
                before[0] = scans;
                before[1] = read;
            }
            assertThat(scans).isGreaterThanOrEqualTo(before[0] + 2);
        });
    }

    private static double metric(DemoNode node, String series) throws IOException {
        return metrics(node)
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private static String metrics(DemoNode node) throws IOException {
        var connection =
                (HttpURLConnection) URI.create(node.ops() + "/metrics").toURL().openConnection();
        try (var body = connection.getInputStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
