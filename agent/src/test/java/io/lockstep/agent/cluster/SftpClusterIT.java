package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.demo.DemoNode;
import io.lockstep.agent.vfs.Sshd;
import io.lockstep.cluster.Mode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three agents whose share is not mounted, over a real sshd. Every test starts and ends in SHARED mode, with the share's
 * content in every replica.
 */
class SftpClusterIT {
    private static final String APIS = "synapse-configs/default/api/";
    private static final String FAULT = "synapse-configs/default/sequences/fault.xml";
    private static final String STOCK = APIS + "admin--Stock_v1.0.0.xml";

    @TempDir
    private static Path directory;

    private static Sshd sshd;
    private static TestCluster cluster;

    @BeforeAll
    static void startEverything() throws Exception {
        sshd = Sshd.start();
        cluster = TestCluster.over(directory, sshd.share(), 3);
        for (var node : cluster.nodes()) {
            var text = Files.readString(node.configuration())
                    .replaceFirst(
                            "share: .*", "share: '" + sshd.uri() + "'\n    credentials: '" + sshd.credentials() + "'")
                    // A busy machine may need a second for a handshake.
                    .replaceFirst(
                            "lossTimeout: 4s, returnAfter: 4s, driftGrace: 2s, shareDeadline: 4s",
                            "lossTimeout: 9s, returnAfter: 9s, driftGrace: 2s, shareDeadline: 9s");
            Files.writeString(node.configuration(), text);
        }
        inWholeSeconds();
        cluster.start();
    }

    @AfterAll
    static void endEverything() throws Exception {
        try {
            if (cluster != null) {
                cluster.close();
            }
        } finally {
            if (sshd != null) {
                sshd.close();
            }
        }
    }

    /** Gives the share's files times that the server can tell, and an owner who may write them. */
    private static void inWholeSeconds() throws Exception {
        SeenTree.run(
                "find",
                sshd.share().toString(),
                "-type",
                "f",
                "-not",
                "-path",
                "*/.lockstep/*",
                "-exec",
                "touch",
                "-d",
                "2026-01-02T03:04:05Z",
                "{}",
                "+");
        sshd.own(sshd.share());
    }

    private static Map<String, SeenTree.Entry> share() {
        return SeenTree.look(sshd.share());
    }

    @BeforeEach
    void everyNodeServesTheShare() {
        cluster.awaitServing(Mode.SHARED);
        cluster.awaitEverywhere(share());
    }

    /** Puts a file into a tree in one step, with a time that a server can tell. */
    private static void publish(Path root, String file, String content) throws Exception {
        var part = Files.writeString(root.resolve(APIS + ".part"), content);
        SeenTree.run("touch", "-d", "2026-02-03T04:05:06Z", part.toString());
        if (root.equals(sshd.share())) {
            sshd.own(part);
        }
        Files.move(part, root.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void whatIsPublishedToTheServerReachesEveryReplicaAndEveryLivePathLeadsThere() throws Exception {
        publish(sshd.share(), APIS + "gr\u00fc\u00dfe #1 50%20+.xml", "<api/>");
        publish(sshd.share(), STOCK, "<changed/>");
        Files.delete(sshd.share().resolve("executionplans/carbon.super_sub_Bronze.siddhiql"));

        cluster.awaitEverywhere(share());
        cluster.awaitServing(Mode.SHARED);
        for (var node : cluster.nodes()) {
            assertThat(node.live().toRealPath()).isEqualTo(node.replica().toRealPath());
            var writable = node.ask("/writable").orElseThrow();
            assertThat(writable.status()).isEqualTo(503);
            assertThat(writable.text("reason")).isEqualTo("SHARE_REMOTE");
            assertThat(node.ask("/mount").orElseThrow().status()).isEqualTo(200);
        }
    }

    @Test
    void whatAGatewayWritesForItselfIsPutBackAndKept() throws Exception {
        var expected = share();
        var worker = cluster.workers().get(0);

        publish(worker.live(), STOCK, "<written-for-itself/>");

        cluster.awaitEverywhere(expected);
        cluster.until(
                "the conflict is told",
                () -> assertThat(cluster.status(worker).orElseThrow().members().stream()
                                .mapToInt(member -> member.conflicts())
                                .sum())
                        .isPositive());
        assertThat(share()).isEqualTo(expected);
    }

    @Test
    void aServerThatEndsIsDoneWithoutAndIsBroughtUpWhenItIsBack() throws Exception {
        var before = share();
        var manager = cluster.manager();
        sshd.end();
        cluster.awaitServing(Mode.RSYNC);
        cluster.awaitEverywhere(before);
        assertThat(manager.ask("/mount").orElseThrow().text("reason")).isEqualTo("SHARE_UNREACHABLE");
        assertThat(manager.ask("/writable").orElseThrow().status()).isEqualTo(200);

        // A Gateway's file has a time of any nanosecond, and the server will cut it.
        var added = manager.live().resolve(APIS + "admin--Taxi_v1.0.0.xml");
        Files.writeString(added, "<taxi/>");
        publish(manager.live(), STOCK, "<without-the-server/>");
        Files.delete(manager.live().resolve(FAULT));
        var written = SeenTree.look(manager.live());
        cluster.awaitEverywhere(written);

        sshd.startAgain();
        cluster.awaitServing(Mode.SHARED);

        assertThat(sshd.share().resolve(APIS + "admin--Taxi_v1.0.0.xml")).hasContent("<taxi/>");
        assertThat(sshd.share().resolve(STOCK)).hasContent("<without-the-server/>");
        assertThat(sshd.share().resolve(FAULT)).doesNotExist();
        assertThat(share().keySet()).isEqualTo(written.keySet());
        // The nodes keep the very times: nothing is deployed anew because the server can't tell them.
        cluster.awaitEverywhere(written);
        try (var left = Files.list(sshd.share().resolve(".lockstep/tmp"))) {
            assertThat(left).isEmpty();
        }
        SeenTree.run(
                "touch",
                "-d",
                "2026-02-03T04:05:07Z",
                sshd.share().resolve(APIS + "admin--Taxi_v1.0.0.xml").toString());
    }

    @Test
    void aServerThatSaysNothingIsLeftAndNothingIsDeleted() throws Exception {
        var before = share();
        sshd.freeze();
        try {
            cluster.until("every node sees that the share hangs", () -> {
                for (var node : cluster.nodes()) {
                    assertThat(node.ask("/mount").orElseThrow().text("reason"))
                            .as(node.name())
                            .isEqualTo("SHARE_HUNG");
                }
            });
            cluster.awaitServing(Mode.RSYNC);
            cluster.awaitEverywhere(before);
            var worker = cluster.workers().get(1);
            restart(worker);
            cluster.awaitServing(Mode.RSYNC);
        } finally {
            sshd.thaw();
        }
        cluster.awaitServing(Mode.SHARED);
        cluster.awaitEverywhere(before);
    }

    private static void restart(DemoNode node) throws Exception {
        var process = ProcessHandle.of(node.pid()).orElseThrow();
        node.stop(Duration.ofSeconds(10));
        assertThat(process.isAlive()).isFalse();
        var log = String.join("\n", node.lastLogLines(5));
        // One that had to be killed says no last word.
        assertThat(log).contains("stopped node=" + node.name());
        node.start();
    }

    @Test
    void noLogHasAnythingOfTheLogin() throws Exception {
        var key = Files.readString(sshd.credentials().resolveSibling("user"), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("-"))
                .findFirst()
                .orElseThrow();
        for (var node : cluster.nodes()) {
            assertThat(Files.readString(node.log())).doesNotContain(key.substring(0, 20));
        }
    }
}
