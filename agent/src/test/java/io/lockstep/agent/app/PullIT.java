package io.lockstep.agent.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.agent.loop.Rejection;
import io.lockstep.agent.loop.Staging;
import io.lockstep.cluster.NodeName;
import io.lockstep.generation.ManifestEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pulls by the real rsync over the real TLS stream, with every byte on the wire counted. */
@Timeout(300)
class PullIT {
    private static final int MEGABYTE = 1_000_000;
    private static final String CAR = "carbonapps/Shop_1.0.0.car";

    @TempDir
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private PullFixture fixture;

    private void members(String... names) throws Exception {
        fixture = new PullFixture(directory, names);
    }

    @AfterEach
    void nothingIsLeftBehind() throws Exception {
        fixture.close();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(fixture.pullProcesses()).isEmpty());
    }

    private static byte[] random(int seed, int bytes) {
        var content = new byte[bytes];
        new Random(seed).nextBytes(content);
        return content;
    }

    private Staging pullAll(String... from) throws IOException {
        var staging = fixture.pull(from);
        assertThat(staging.problem()).isEmpty();
        assertAllStaged();
        assertThat(fixture.pulls()).isEmptyDirectory();
        return staging;
    }

    /** The stage took every content after it had digested it itself. */
    private void assertAllStaged() {
        assertThat(fixture.reference.values())
                .allSatisfy(entry -> assertThat(fixture.stage.has(entry.digest().orElseThrow()))
                        .as(entry.path().toString())
                        .isTrue());
    }

    /**
     * A .car as WSO2's tools make it: a ZIP. In a later version one in a hundred entries is another one, of another
     * size, so that all that follows is moved and the directory at the end differs.
     */
    static byte[] car(int version) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            for (int i = 0; i < 1000; i++) {
                boolean changes = i % 100 == 7;
                zip.putNextEntry(
                        new ZipEntry("artifact" + i + "/artifact.bin").setLastModifiedTime(FileTime.fromMillis(0)));
                zip.write(random(changes ? 1_000_000 * version + i : i, 50_000 + (changes ? version * 10 : 0)));
                zip.closeEntry();
            }
        }
        return out.toByteArray();
    }

    @Test
    void ofALargeArchiveOnlyWhatChangedMoves() throws Exception {
        members("gw1");
        var old = car(1);
        var changed = car(2);
        assertThat(changed.length).isBetween(50 * MEGABYTE, 51 * MEGABYTE);
        fixture.publish(CAR, changed);
        fixture.hold(CAR, old);

        pullAll();

        assertThat(fixture.takeWireBytes()).isLessThan(5 * MEGABYTE);
        assertThat(fixture.replica.resolve(CAR)).hasBinaryContent(old);
    }

    @Test
    void aPullThatWasCutOffGoesOnWithAnotherMember() throws Exception {
        members("gw1", "gw3");
        var entry = fixture.publish(CAR, random(1, 20 * MEGABYTE));
        fixture.member("gw1").relay.cutAfter(14 * MEGABYTE);

        var first = fixture.pull("gw1");

        assertThat(first.missing()).containsExactly(entry);
        assertThat(first.problem().orElseThrow()).contains("gw1", "connection");
        assertThat(first.rejections()).isEmpty();
        long arrived = arrivedBytes(entry);
        assertThat(arrived).isGreaterThan(MEGABYTE);
        fixture.takeWireBytes();
        pullAll("gw3");
        assertThat(fixture.takeWireBytes()).isLessThan(entry.sizeBytes() - arrived + MEGABYTE);
    }

    @Test
    void aDeltaThatWasCutOffKeepsBothItsBases() throws Exception {
        members("gw1");
        var old = random(1, 10 * MEGABYTE);
        // The first half is new, and the second is the old one's: whoever has only one of the two moves the other.
        var half = random(2, 10 * MEGABYTE);
        var changed = Arrays.copyOf(half, 20 * MEGABYTE);
        System.arraycopy(old, 0, changed, 10 * MEGABYTE, 10 * MEGABYTE);
        fixture.publish(CAR, changed);
        fixture.hold(CAR, old);
        fixture.member("gw1").relay.cutAfter(8 * MEGABYTE);

        assertThat(fixture.pull().isComplete()).isFalse();

        fixture.member("gw1").relay.heal();
        fixture.takeWireBytes();
        pullAll();
        assertThat(fixture.takeWireBytes()).isLessThan(4 * MEGABYTE);
    }

    @Test
    void aPullWhoseProcessesWereKilledGoesOn() throws Exception {
        members("gw1");
        var entry = fixture.publish(CAR, random(1, 20 * MEGABYTE));
        var relay = fixture.member("gw1").relay;
        relay.stopAfter(14 * MEGABYTE);
        var pulling = CompletableFuture.supplyAsync(() -> fixture.pull());
        relay.awaitStop();
        // What is between the relay and the disk when they are killed moves again, so let it arrive.
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(arrivedBytes(entry)).isGreaterThan(12 * MEGABYTE));

        fixture.pullProcesses().forEach(ProcessHandle::destroyForcibly);

        var killed = pulling.get(60, TimeUnit.SECONDS);
        assertThat(killed.missing()).containsExactly(entry);
        assertThat(killed.problem().orElseThrow()).contains("signal 9");
        relay.heal();
        fixture.takeWireBytes();
        pullAll();
        assertThat(fixture.takeWireBytes()).isLessThan(9 * MEGABYTE);
    }

    @Test
    void whatIsOnlyAsLongAsTheFileIsNotTakenForIt() throws Exception {
        members("gw1");
        var entry = fixture.publish(CAR, random(1, 2 * MEGABYTE));
        var arrived = large(entry).resolve("in").resolve(CAR);
        Files.createDirectories(arrived.getParent());
        Files.write(arrived, random(2, 2 * MEGABYTE));
        Files.setLastModifiedTime(arrived, FileTime.from(entry.mtimeNanos(), TimeUnit.NANOSECONDS));
        fixture.member("gw1").relay.cutAfter(0);

        assertThat(fixture.pull().missing()).containsExactly(entry);

        fixture.member("gw1").relay.heal();
        pullAll();
    }

    /** How much of a large file lies where rsync writes it. */
    private long arrivedBytes(ManifestEntry entry) throws IOException {
        var arrived = large(entry).resolve("in").resolve(CAR);
        return Files.exists(arrived) ? Files.size(arrived) : 0;
    }

    private Path large(ManifestEntry entry) {
        return fixture.pulls().resolve("large-" + entry.digest().orElseThrow());
    }

    @Test
    void whatAKilledAgentGotWholeIsTakenWithoutAMember() throws Exception {
        members("gw1");
        var big = random(1, 2 * MEGABYTE);
        var entry = fixture.publish(CAR, big);
        fixture.publish("api/a.xml", "<a/>");
        var arrived = large(entry).resolve("in").resolve(CAR);
        Files.createDirectories(arrived.getParent());
        Files.write(arrived, big);
        var small = Files.createDirectories(fixture.pulls().resolve("small-of-before/api"));
        Files.writeString(small.resolve("a.xml"), "<a/>");
        Files.writeString(small.resolve(".b.xml.Xy12Zw"), "torn");

        pullAll();

        assertThat(fixture.member("gw1").relay.takeConnections()).isZero();
    }

    @Test
    void aBasisThatIsNotWhatItSaysCostsOnlyBytes() throws Exception {
        members("gw1");
        fixture.publish(CAR, random(1, 4 * MEGABYTE));
        fixture.hold(CAR, random(1, 4 * MEGABYTE));
        var own = fixture.replica.resolve(CAR);
        var time = Files.getLastModifiedTime(own);
        // The right blocks in another order, and then bytes of nobody.
        var content = random(1, 4 * MEGABYTE);
        System.arraycopy(content, 0, content, 2 * MEGABYTE, MEGABYTE);
        System.arraycopy(random(9, MEGABYTE), 0, content, 3 * MEGABYTE, MEGABYTE);
        Files.write(own, content);
        Files.setLastModifiedTime(own, time);

        pullAll();
    }

    @Test
    void aReplicaThatChangedOrLeadsElsewhereIsNoBasis() throws Exception {
        members("gw1");
        fixture.publish("a/x.car", random(1, 2 * MEGABYTE));
        fixture.publish("b/x.car", random(2, 2 * MEGABYTE));
        fixture.hold("a/x.car", random(1, 2 * MEGABYTE));
        fixture.hold("b/x.car", random(2, 2 * MEGABYTE));
        Files.setLastModifiedTime(fixture.replica.resolve("a/x.car"), FileTime.fromMillis(5));
        var elsewhere = Files.move(fixture.replica.resolve("b"), directory.resolve("elsewhere"));
        Files.createSymbolicLink(fixture.replica.resolve("b"), elsewhere);

        pullAll();

        assertThat(fixture.takeWireBytes()).isGreaterThan(4 * MEGABYTE);
    }

    @Test
    void aMemberThatSendsWrongBytesIsNamedAndAnotherIsAsked() throws Exception {
        members("gw1", "gw3");
        fixture.publish("a.car", random(1, 2 * MEGABYTE));
        fixture.publish("b.car", random(2, 2 * MEGABYTE));
        fixture.member("gw1").rot("a.car");
        fixture.member("gw1").rot("b.car");

        var staging = pullAll();

        // Each of the two is asked for one file first; gw1 may be asked for the other before it is known.
        assertThat(staging.rejections()).isNotEmpty();
        for (var rejection : staging.rejections()) {
            var wrong = (Rejection.WrongBytes) rejection;
            assertThat(wrong.peer()).isEqualTo(new NodeName("gw1"));
            assertThat(wrong.expected())
                    .isEqualTo(fixture.published(wrong.path()).digest().orElseThrow());
            assertThat(wrong.actual()).isNotEqualTo(wrong.expected());
        }
    }

    @Test
    void wrongBytesAmongManyFilesAreNamedAndTheOthersAreKept() throws Exception {
        members("gw1");
        for (int i = 0; i < 50; i++) {
            fixture.publish("api/" + i + ".xml", "<api number='" + i + "'/>");
        }
        fixture.member("gw1").rot("api/7.xml");

        var staging = fixture.pull();

        var wrong = fixture.reference.values().stream()
                .filter(entry -> entry.path().toString().equals("server/api/7.xml"))
                .toList();
        assertThat(staging.missing()).isEqualTo(wrong);
        assertThat(staging.problem().orElseThrow())
                .contains("from gw1", "it sent wrong bytes for server/api/7.xml: expected=");
        assertThat(staging.rejections()).hasSize(1);
        assertThat(fixture.pulls()).isEmptyDirectory();
    }

    @Test
    void largeFilesComeFromSeveralMembersAtOnceAndSmallOnesTogether() throws Exception {
        members("gw1", "gw3");
        for (int i = 0; i < 6; i++) {
            fixture.publish("carbonapps/" + i + ".car", random(i, 2 * MEGABYTE));
        }
        for (int i = 0; i < 1000; i++) {
            fixture.publish("api/" + i % 9 + "/" + i + ".xml", "<api number='" + i + "'/>");
        }

        pullAll();

        var connections = fixture.members.values().stream()
                .map(member -> member.relay.takeConnections())
                .toList();
        // Six large files, and a thousand small ones in parcels of 250.
        assertThat(connections).containsExactly(5L, 5L);
    }

    @Test
    void theSameContentUnderManyNamesMovesOnce() throws Exception {
        members("gw1");
        for (int i = 0; i < 5; i++) {
            fixture.publish("copies/" + i + ".car", random(1, 4 * MEGABYTE));
        }

        pullAll();

        assertThat(fixture.takeWireBytes()).isLessThan(5 * MEGABYTE);
    }

    @Test
    void whatNobodyWantsAnyMoreIsRemoved() throws Exception {
        members("gw1");
        var entry = fixture.publish(CAR, random(1, 4 * MEGABYTE));
        fixture.member("gw1").relay.cutAfter(2 * MEGABYTE);
        assertThat(fixture.pull().isComplete()).isFalse();
        assertThat(large(entry)).isNotEmptyDirectory();
        fixture.reference.clear();
        fixture.member("gw1").relay.heal();
        fixture.publish("other.car", random(2, 2 * MEGABYTE));

        assertThat(fixture.pull().isComplete()).isTrue();
        assertThat(fixture.pulls()).isEmptyDirectory();

        Files.createDirectories(large(entry).resolve("in"));
        Files.writeString(fixture.pulls().resolve("a file of an older version"), "x");
        fixture.forget();
        assertThat(fixture.pulls()).isEmptyDirectory();
    }

    @Test
    void aDiskWithoutRoomIsAnOutcomeAndNothingMoves() throws Exception {
        members("gw1");
        fixture.publish(CAR, random(1, 4 * MEGABYTE));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=6m", "lockstep-test", fixture.work.toString()) == 0,
                "only root can mount a small file system");
        try {
            var staging = fixture.pull();

            assertThat(staging.missing()).hasSize(1);
            assertThat(staging.problem().orElseThrow()).contains("not enough room", "8000000 bytes needed");
            assertThat(fixture.member("gw1").relay.takeConnections()).isZero();
        } finally {
            assertThat(run("umount", fixture.work.toString())).isZero();
        }
    }

    @Test
    void aBasisForWhichThereIsNoRoomIsDoneWithout() throws Exception {
        members("gw1");
        fixture.publish(CAR, random(1, 4 * MEGABYTE));
        fixture.hold(CAR, random(2, 4 * MEGABYTE));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=10m", "lockstep-test", fixture.work.toString()) == 0,
                "only root can mount a small file system");
        try {
            assertThat(fixture.pull().problem()).isEmpty();
        } finally {
            assertThat(run("umount", fixture.work.toString())).isZero();
        }
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Test
    void aMemberThatDoesNotAnswerIsFollowedByTheNext() throws Exception {
        members("gw1", "gw3");
        fixture.publish(CAR, random(1, 2 * MEGABYTE));
        fixture.publish("api/a.xml", "<a/>");
        fixture.member("gw1").close();

        assertThat(pullAll().rejections()).isEmpty();
    }

    @Test
    void whatAMemberKeepsOnlyInItsTrashIsServedFromThere() throws Exception {
        fixture = new PullFixture(directory, "gw1");
        fixture.publish("api/live.xml", "<live/>");
        fixture.publish("api/a.xml", "<a/>");
        fixture.publish("api/big.car", new byte[2 << 20]);
        fixture.member("gw1").discard("api/a.xml");
        fixture.member("gw1").discard("api/big.car");

        assertThat(fixture.pull("gw1").missing()).isEmpty();
        assertThat(fixture.member("gw1").work.resolve("serve")).isEmptyDirectory();
    }

    @Test
    void aDamagedCopyInTheTrashIsNotServedAndNamed() throws Exception {
        fixture = new PullFixture(directory, "gw1", "gw3");
        fixture.publish("api/a.xml", "<a/>");
        var kept = fixture.member("gw1").discard("api/a.xml");
        Files.writeString(kept, "<b/>");

        var staging = fixture.pull("gw1");

        assertThat(staging.missing()).hasSize(1);
        assertThat(staging.rejections()).isEmpty();
        assertThat(fixture.member("gw1").corruptions.described()).hasSize(1);
        assertThat(fixture.pull("gw1", "gw3").missing()).isEmpty();
    }
}
