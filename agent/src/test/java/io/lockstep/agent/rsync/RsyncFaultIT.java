package io.lockstep.agent.rsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.ManifestEntry;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Transfers that a peer, a connection or the host spoils: each ends with its reason and leaves nothing running. */
@Timeout(120)
class RsyncFaultIT {
    private static final TransferLimits SHORT = new TransferLimits(Duration.ofSeconds(1), Duration.ofSeconds(20));
    private static final int BIG_BYTES = 5_000_000;

    @TempDir
    Path directory;

    private TransferFixture fixture;

    @BeforeEach
    void prepare() throws Exception {
        fixture = new TransferFixture(directory);
    }

    @AfterEach
    void nothingIsLeftBehind() {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(fixture.processesLeft()).isEmpty());
        assertThat(TransferFixture.threadsLeft()).isEmpty();
        assertThat(fixture.work).isEmptyDirectory();
    }

    private ManifestEntry bigFile() throws IOException {
        var content = new byte[BIG_BYTES];
        new Random(1).nextBytes(content);
        return fixture.file(EntryPath.of("big"), content);
    }

    /** A stream that closes itself after the peer has sent this many bytes. */
    private record Cut(ByteStream whole, int afterBytes) implements ByteStream {
        @Override
        public InputStream input() {
            return new FilterInputStream(whole.input()) {
                private int left = afterBytes;

                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    if (left == 0) {
                        return -1;
                    }
                    int read = super.read(buffer, offset, Math.min(length, left));
                    left -= Math.max(read, 0);
                    if (left == 0) {
                        whole.close();
                    }
                    return read;
                }
            };
        }

        @Override
        public OutputStream output() {
            return whole.output();
        }

        @Override
        public void close() throws IOException {
            whole.close();
        }
    }

    @Test
    void aConnectionCutInTheMiddleEndsBothSides() throws Exception {
        var set = FileSet.ofEntries(List.of(bigFile()));
        for (int afterBytes : List.of(1, 4, 100, BIG_BYTES / 2)) {
            var pair = Loopback.pair(true);
            var serving = CompletableFuture.supplyAsync(
                    () -> fixture.serve.serve(set, fixture.replica, pair.server(), TransferFixture.LIMITS));

            var pulled =
                    fixture.pull.pull(set, fixture.staging, new Cut(pair.puller(), afterBytes), TransferFixture.LIMITS);

            assertThat(pulled.reason())
                    .as("cut after %d: %s", afterBytes, pulled)
                    .isEqualTo(RsyncReason.CONNECTION);
            assertThat(pulled.missing()).containsExactly(EntryPath.of("big"));
            var served = serving.get(30, TimeUnit.SECONDS);
            assertThat(served.reason())
                    .as("cut after %d: %s", afterBytes, served)
                    .isEqualTo(RsyncReason.CONNECTION);
            assertThat(fixture.staging).isEmptyDirectory();
        }
    }

    @Test
    void aSilentPeerIsEndedByTheDeadline() throws Exception {
        var entry = fixture.file("a", "1");
        var pair = Loopback.pair(true);

        var pulled = fixture.pull.pull(FileSet.ofEntries(List.of(entry)), fixture.staging, pair.puller(), SHORT);

        assertThat(pulled.reason()).isEqualTo(RsyncReason.DEADLINE);
        assertThat(pulled.exitCode()).isEmpty();
        assertThat(pair.server().input().readAllBytes())
                .as("what rsync said before it waited")
                .isNotEmpty();
    }

    @Test
    void aPeerThatDoesNotReadIsEndedByTheServersDeadline() throws Exception {
        var set = FileSet.ofEntries(List.of(bigFile()));
        var pair = Loopback.pair(true);
        // Everything that the server waits for is sent, but nothing is read: its output fills all buffers.
        var pulling = CompletableFuture.supplyAsync(() -> fixture.pull.pull(
                set, fixture.staging, new Stalled(pair.puller(), BIG_BYTES / 10), TransferFixture.LIMITS));

        var served = fixture.serve.serve(set, fixture.replica, pair.server(), SHORT);

        assertThat(served.reason()).isIn(RsyncReason.DEADLINE, RsyncReason.CONNECTION);
        pair.puller().close();
        assertThat(pulling.get(30, TimeUnit.SECONDS).isComplete()).isFalse();
    }

    /** A stream that reads this many bytes and then waits until it is closed. */
    private record Stalled(Loopback whole, int afterBytes) implements ByteStream {
        @Override
        public InputStream input() {
            return new FilterInputStream(whole.input()) {
                private int left = afterBytes;

                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    if (left <= 0) {
                        await().pollInSameThread()
                                .atMost(Duration.ofSeconds(60))
                                .until(whole.socket()::isClosed);
                    }
                    int read = super.read(buffer, offset, length);
                    left -= Math.max(read, 0);
                    return read;
                }
            };
        }

        @Override
        public OutputStream output() {
            return whole.output();
        }

        @Override
        public void close() throws IOException {
            whole.close();
        }
    }

    @Test
    void anInterruptEndsTheTransferAndIsSetAgain() throws Exception {
        var set = FileSet.ofEntries(List.of(fixture.file("a", "1")));
        var pair = Loopback.pair(true);
        var interrupted = new boolean[1];
        var pulling = new FutureTask<>(() -> {
            var outcome = fixture.pull.pull(set, fixture.staging, pair.puller(), TransferFixture.LIMITS);
            interrupted[0] = Thread.interrupted();
            return outcome;
        });
        var thread = new Thread(pulling, "puller");
        thread.start();
        assertThat(pair.server().input().read()).as("rsync has started").isNotNegative();

        thread.interrupt();

        assertThat(pulling.get(30, TimeUnit.SECONDS).reason()).isEqualTo(RsyncReason.INTERRUPTED);
        assertThat(interrupted[0]).isTrue();
        pair.server().close();
    }

    @Test
    void garbageFromAPeerIsAFailureOfTheConnection() throws Exception {
        var set = FileSet.ofEntries(List.of(fixture.file("a", "1")));
        var random = new Random(7);
        for (boolean pulls : List.of(true, false)) {
            for (int round = 0; round < 5; round++) {
                var pair = Loopback.pair(true);
                var garbage = new byte[4096];
                random.nextBytes(garbage);
                // The later rounds begin with a real version number (32), so that more of the protocol is reached.
                if (round > 1) {
                    garbage[0] = 32;
                    garbage[1] = garbage[2] = garbage[3] = 0;
                }
                var end = pulls ? pair.server() : pair.puller();
                end.output().write(garbage);

                var outcome = pulls
                        ? fixture.pull.pull(set, fixture.staging, pair.puller(), SHORT)
                        : fixture.serve.serve(set, fixture.replica, pair.server(), SHORT);

                assertThat(outcome.isComplete()).as(outcome.toString()).isFalse();
                assertThat(fixture.staging).isEmptyDirectory();
                end.close();
            }
        }
    }

    @Test
    void aPeerThatIsNoLockstepIsIncompatible() throws Exception {
        var pair = Loopback.pair(true);
        pair.server().output().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

        var outcome = fixture.pull.pull(
                FileSet.ofEntries(List.of(fixture.file("a", "1"))),
                fixture.staging,
                pair.puller(),
                TransferFixture.LIMITS);

        assertThat(outcome.reason()).isEqualTo(RsyncReason.INCOMPATIBLE);
        pair.server().close();
    }

    @Test
    void filesThatWereNotAskedForAreRemovedAndReported() throws Exception {
        var asked = fixture.file("asked", "1");
        var forced = fixture.file("conf/forced", "2");

        var outcomes = fixture.transfer(
                FileSet.ofEntries(List.of(asked)), FileSet.ofEntries(List.of(asked, forced)), TransferFixture.LIMITS);

        assertThat(outcomes.pulled().reason()).isEqualTo(RsyncReason.UNREQUESTED);
        assertThat(outcomes.pulled().missing()).isEmpty();
        assertThat(fixture.stagedNames()).containsExactly("asked");
        assertThat(fixture.staging.resolve("conf")).doesNotExist();
    }

    @Test
    void aPeerThatSendsMoreThanTheFilesNeedIsCutOff() throws Exception {
        var entry = bigFile();
        var claimed = new FileSet(List.of(new FileSet.Item(EntryPath.of("big"), 1000, 0)));

        var outcomes = fixture.transfer(claimed, FileSet.ofEntries(List.of(entry)), TransferFixture.LIMITS);

        assertThat(outcomes.pulled().reason()).isEqualTo(RsyncReason.TOO_MUCH_DATA);
        assertThat(outcomes.pulled().receivedBytes()).isLessThan(2_000_000);
        assertThat(fixture.staging).isEmptyDirectory();
    }

    /** What a client with arguments of its own gets from a server that does not know them. */
    private StreamedProcess.Ended pullWith(FileSet served, List<String> command) throws Exception {
        var pair = Loopback.pair(true);
        var serving =
                CompletableFuture.supplyAsync(() -> fixture.serve.serve(served, fixture.replica, pair.server(), SHORT));
        var ended = StreamedProcess.run(
                "rsync-other",
                command,
                fixture.staging,
                fixture.work,
                pair.puller(),
                TransferFixture.LIMITS.deadline(),
                1 << 20);
        serving.get(30, TimeUnit.SECONDS);
        return ended;
    }

    @Test
    void aClientWithOptionsThatShapeTheStreamFailsCleanly() throws Exception {
        var set = FileSet.ofEntries(List.of(fixture.file("a", "1"), fixture.file("b/c", "2")));
        for (var option : List.of("-o", "-c", "-z", "-s")) {
            var command = new ArrayList<>(RsyncArguments.pull("rsync", BIG_BYTES, SHORT));
            command.add(command.size() - 2, option);

            var ended = pullWith(set, command);

            // Which of rsync's checks finds the misread stream depends on the files' times.
            assertThat(RsyncReason.of(ended)).as("%s: %s", option, ended).isNotEqualTo(RsyncReason.COMPLETE);
            assertThat(fixture.stagedNames()).as("%s: %s", option, ended).isEmpty();
        }
    }

    @Test
    void aClientThatAsksForMoreGetsOnlyWhatTheServerFixed() throws Exception {
        var set = FileSet.ofEntries(List.of(fixture.file("a", "1"), fixture.file("b/c", "2")));
        fixture.file("b/other", "3");
        for (var question : List.of("--recursive", "--copy-links", "--files-from=:/etc/passwd", "--files-from=-")) {
            var command = new ArrayList<>(RsyncArguments.pull("rsync", BIG_BYTES, SHORT));
            command.removeIf(argument -> argument.startsWith("--files-from") && question.startsWith("--files-from"));
            command.add(command.size() - 2, question);

            var ended = pullWith(set, command);

            assertThat(fixture.stagedNames()).as("%s: %s", question, ended).isSubsetOf("a", "b/c");
        }
    }

    @Test
    void aFullDiskIsNamed() throws Exception {
        var entry = bigFile();
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=1m", "lockstep-test", fixture.staging.toString()) == 0);
        try {
            var outcomes = fixture.transfer(List.of(entry));

            assertThat(outcomes.pulled().reason())
                    .as(outcomes.pulled().toString())
                    .isEqualTo(RsyncReason.DISK_FULL);
            assertThat(outcomes.pulled().missing()).containsExactly(EntryPath.of("big"));
            assertThat(outcomes.served().isComplete()).isFalse();
            assertThat(fixture.staging).isEmptyDirectory();
        } finally {
            assertThat(run("umount", fixture.staging.toString())).isZero();
        }
    }

    /** Both sides' outcomes when the file goes on from these bytes. */
    private TransferFixture.Outcomes resume(FileSet.Item claimed, byte[] older, ManifestEntry served) throws Exception {
        var partial = new PartialFile(fixture.staging.resolve("large"), claimed);
        assertThat(partial.prepare(Optional.of(target -> {
                    target.write(ByteBuffer.wrap(older));
                    return Optional.empty();
                })))
                .isEmpty();
        var pair = Loopback.pair(true);
        var serving = CompletableFuture.supplyAsync(() -> fixture.serve.serve(
                FileSet.ofEntries(List.of(served)), fixture.replica, pair.server(), TransferFixture.LIMITS));
        var pulled = fixture.pull.resume(partial, pair.puller(), TransferFixture.LIMITS);
        return new TransferFixture.Outcomes(pulled, serving.get(60, TimeUnit.SECONDS));
    }

    @Test
    void aPeerThatNamesTheSameBlocksForEverFillsNoDisk() throws Exception {
        var block = new byte[1 << 20];
        new Random(1).nextBytes(block);
        var endless = ByteBuffer.allocate(64 * block.length);
        while (endless.hasRemaining()) {
            endless.put(block);
        }
        var served = fixture.file(EntryPath.of("big"), endless.array());

        var outcomes = resume(new FileSet.Item(EntryPath.of("big"), block.length, 0), block, served);

        assertThat(outcomes.pulled().reason()).as(outcomes.pulled().toString()).isEqualTo(RsyncReason.TOO_MUCH_DATA);
        assertThat(outcomes.pulled().receivedBytes()).isLessThan(block.length / 4);
        assertThat(Files.size(fixture.staging.resolve("large/in/big"))).isLessThanOrEqualTo(block.length + 512);
    }

    @Test
    void aFullDiskIsNamedWhenAFileGoesOn() throws Exception {
        var entry = bigFile();
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=1m", "lockstep-test", fixture.staging.toString()) == 0);
        try {
            var outcomes = resume(FileSet.ofEntries(List.of(entry)).files().get(0), new byte[] {1}, entry);

            assertThat(outcomes.pulled().reason())
                    .as(outcomes.pulled().toString())
                    .isEqualTo(RsyncReason.DISK_FULL);
            assertThat(outcomes.pulled().missing()).containsExactly(EntryPath.of("big"));
        } finally {
            assertThat(run("umount", fixture.staging.toString())).isZero();
        }
    }

    @Test
    void aPullersProcessesHaveTheirLimits() throws Exception {
        var command = List.of("sh", "-c", RsyncArguments.keepStream(1000), "x", "sh", "-c", "ulimit -v; ulimit -f");

        var process = new ProcessBuilder(command).start();

        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.US_ASCII))
                .isEqualTo("524288\n2\n");
    }

    @Test
    void whatAKilledServerLeftIsRemoved() throws Exception {
        Files.writeString(fixture.work.resolve("serve-123.list"), "a");
        Files.writeString(fixture.work.resolve("other"), "b");

        fixture.serve.removeLeftovers();

        assertThat(fixture.work.resolve("serve-123.list")).doesNotExist();
        Files.delete(fixture.work.resolve("other"));
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Test
    void aProgramThatIsNotThereIsAnOutcome() throws Exception {
        assertThat(RsyncInstallation.probe("/nonexistent/rsync"))
                .isInstanceOf(RsyncInstallation.Absent.class)
                .satisfies(
                        absent -> assertThat(absent.message()).contains("/nonexistent/rsync", "apt-get install rsync"));
        var gone =
                new RsyncServe(new RsyncInstallation.Usable("/nonexistent/rsync", RsyncVersion.OLDEST), fixture.work);
        var pair = Loopback.pair(true);

        var outcome =
                gone.serve(FileSet.ofEntries(List.of(fixture.file("a", "1"))), fixture.replica, pair.server(), SHORT);

        assertThat(outcome.reason()).isEqualTo(RsyncReason.NOT_STARTED);
        assertThat(pair.puller().input().read()).as("the stream was closed").isNegative();
        pair.puller().close();
    }

    @Test
    void aMissingStagingDirectoryIsAnOutcome() throws Exception {
        var set = FileSet.ofEntries(List.of(fixture.file("a", "1")));
        Files.delete(fixture.staging);
        var pair = Loopback.pair(true);

        var outcome = fixture.pull.pull(set, fixture.staging, pair.puller(), SHORT);

        assertThat(outcome.reason()).isEqualTo(RsyncReason.NOT_STARTED);
        assertThat(outcome.message()).contains(fixture.staging.toString());
        assertThat(pair.server().input().read()).as("the stream was closed").isNegative();
        pair.server().close();
    }
}
