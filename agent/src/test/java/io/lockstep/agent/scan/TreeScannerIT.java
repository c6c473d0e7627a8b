package io.lockstep.agent.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.posix.UnprivilegedThread;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TreeScannerIT {
    /** The year 2100, so late that no file of these tests is racy. */
    private static final long LATER = 4_102_444_800_000_000_000L;

    @TempDir
    Path root;

    private final TreeScanner scanner = new TreeScanner(TreeFilter.keepAll());

    @Test
    void filesAndDirectoriesAreFoundWithModeSizeTimeAndDigest() throws IOException {
        var api = Files.createDirectory(root.resolve("api"));
        Files.setPosixFilePermissions(api, PosixFilePermissions.fromString("rwxr-x---"));
        var file = Files.writeString(api.resolve("a.xml"), "<a/>");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r----x"));
        Files.createFile(root.resolve("empty"));

        var inventory = scan();

        assertThat(inventory.findings())
                .extracting(Finding::path)
                .containsExactly(EntryPath.of("api"), EntryPath.of("api/a.xml"), EntryPath.of("empty"));
        var directory = (Finding.Directory) find(inventory, "api");
        assertThat(directory.mode()).isEqualTo(0750);
        var found = (Finding.RegularFile) find(inventory, "api/a.xml");
        assertThat(found.mode()).isEqualTo(0641);
        assertThat(found.digest()).isEqualTo(digest("<a/>"));
        assertThat(found.stamp().sizeBytes()).isEqualTo(4);
        assertThat(found.stamp().inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
        assertThat(found.stamp().mtimeNanos())
                .isEqualTo(ChronoUnit.NANOS.between(
                        Instant.EPOCH, Files.getLastModifiedTime(file).toInstant()));
        assertThat(((Finding.RegularFile) find(inventory, "empty")).digest()).isEqualTo(digest(""));
        assertThat(inventory.hashedFiles()).isEqualTo(2);
        assertThat(inventory.hashedBytes()).isEqualTo(4);
        assertThat(inventory.isComplete()).isTrue();
    }

    @Test
    void anUnchangedTreeKeepsTheSameListAndReadsNothing() throws IOException {
        for (int i = 0; i < 50; i++) {
            Files.createDirectories(root.resolve("d" + i % 7));
            Files.writeString(root.resolve("d" + i % 7 + "/f" + i), "content " + i);
        }
        Files.createSymbolicLink(root.resolve("link"), Path.of("d1"));
        var first = scan();

        var second = scanned(ScanRequest.of(root, LATER + 5).after(first));
        var third = scanned(ScanRequest.of(root, LATER + 6).after(second).withFullDigest());

        assertThat(second.findings()).isSameAs(first.findings());
        assertThat(second.hashedFiles()).isZero();
        assertThat(second.hashedBytes()).isZero();
        assertThat(second.scanStartNanos()).isEqualTo(LATER + 5);
        assertThat(third.findings()).isSameAs(first.findings());
        assertThat(third.hashedFiles()).isEqualTo(50);
    }

    @Test
    void onlyWhatChangedIsReadAgain() throws IOException {
        for (int i = 0; i < 20; i++) {
            Files.writeString(root.resolve("f" + i), "content");
        }
        var first = scan();
        Files.writeString(root.resolve("f7"), "changed!");
        Files.delete(root.resolve("f3"));
        Files.writeString(root.resolve("new"), "new");

        var second = scanned(ScanRequest.of(root, LATER).after(first));

        assertThat(second.hashedFiles()).isEqualTo(2);
        assertThat(second.findings()).hasSize(20);
        assertThat(second.find(EntryPath.of("f3"))).isEmpty();
        assertThat(((Finding.RegularFile) find(second, "f7")).digest()).isEqualTo(digest("changed!"));
        assertThat(find(second, "f8")).isSameAs(find(first, "f8"));
    }

    @Test
    void aDigestIsReusedOnlyWhenTheStampWasNotRacy() throws IOException {
        // A second write within one tick of the file system's clock leaves the stamp as it was. No test can make that
        // happen on every file system, so the previous inventory is given a digest of other content of the same size.
        Files.writeString(root.resolve("a"), "new");
        var stamp = ((Finding.RegularFile) find(scan(), "a")).stamp();
        long changedNanos = Math.max(stamp.mtimeNanos(), stamp.ctimeNanos());
        Finding before = new Finding.RegularFile(EntryPath.of("a"), stamp, modeOf("a"), digest("old"));

        var racy = new Inventory(List.of(before), changedNanos + 1_999_999_999L, 1, 3);
        var settled = new Inventory(List.of(before), changedNanos + 2_000_000_000L, 1, 3);

        var afterRacy = scanned(ScanRequest.of(root, LATER).after(racy));
        assertThat(((Finding.RegularFile) find(afterRacy, "a")).digest()).isEqualTo(digest("new"));
        assertThat(afterRacy.hashedFiles()).isEqualTo(1);
        var afterSettled = scanned(ScanRequest.of(root, LATER).after(settled));
        assertThat(afterSettled.findings()).isSameAs(settled.findings());
        var verified = scanned(ScanRequest.of(root, LATER).after(settled).withFullDigest());
        assertThat(((Finding.RegularFile) find(verified, "a")).digest()).isEqualTo(digest("new"));
    }

    private int modeOf(String name) throws IOException {
        return (Integer) Files.getAttribute(root.resolve(name), "unix:mode") & 0777;
    }

    @Test
    void linksFifosAndSocketsAreReportedAndNeverOpened() throws IOException, InterruptedException {
        Files.createSymbolicLink(root.resolve("loop"), root);
        Files.createSymbolicLink(root.resolve("self"), Path.of("self"));
        Files.createSymbolicLink(root.resolve("passwd"), Path.of("/etc/passwd"));
        assertThat(new ProcessBuilder("mkfifo", root.resolve("fifo").toString())
                        .start()
                        .waitFor())
                .isZero();
        var socket = root.resolve("socket");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            var inventory = scan();

            assertThat(inventory.findings())
                    .containsExactly(
                            new Finding.Special(EntryPath.of("fifo"), EntryType.FIFO),
                            new Finding.Special(EntryPath.of("loop"), EntryType.SYMLINK),
                            new Finding.Special(EntryPath.of("passwd"), EntryType.SYMLINK),
                            new Finding.Special(EntryPath.of("self"), EntryType.SYMLINK),
                            new Finding.Special(EntryPath.of("socket"), EntryType.SOCKET));
            assertThat(scanned(ScanRequest.of(root, LATER).after(inventory)).findings())
                    .isSameAs(inventory.findings());
        }
    }

    @Test
    void wildNamesAreFoundAsTheirBytes() throws IOException, InterruptedException {
        // Java can't name these files in every locale, so the shell makes them.
        var script = "cd \"$0\" && printf x > \"$(printf 'a\\377b')\" && printf y > \"$(printf 'new\\nline')\""
                + " && printf z > \"$(printf '%0255d' 0)\"";
        assertThat(new ProcessBuilder("bash", "-c", script, root.toString())
                        .start()
                        .waitFor())
                .isZero();

        var inventory = scan();

        assertThat(inventory.findings())
                .extracting(Finding::path)
                .containsExactly(EntryPath.of("0".repeat(255)), EntryPath.parse("a\\xffb"), EntryPath.of("new\nline"));
        assertThat(((Finding.RegularFile) inventory.findings().get(1)).digest()).isEqualTo(digest("x"));
        assertThat(scanned(ScanRequest.of(root, LATER).after(inventory)).findings())
                .isSameAs(inventory.findings());
    }

    @Test
    void whatMayNotBeReadIsUnreadableAndNotAbsent() throws IOException, InterruptedException {
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        var closed = Files.createDirectory(root.resolve("closed"));
        Files.writeString(closed.resolve("inside"), "x");
        var unsearchable = Files.createDirectory(root.resolve("unsearchable"));
        Files.writeString(unsearchable.resolve("inside"), "x");
        var secret = Files.writeString(root.resolve("secret"), "x");
        Files.writeString(root.resolve("open"), "x");
        var alone = new TreeScanner(TreeFilter.keepAll(), 1, TreeScanner.DEFAULT_RACY_WINDOW, 100);
        // Loads every class, because the thread that may read little may not read those either.
        var before = ((ScanOutcome.Scanned) alone.scan(ScanRequest.of(root, LATER))).inventory();
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        Files.setPosixFilePermissions(unsearchable, PosixFilePermissions.fromString("r--r--r--"));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
        try {
            var outcome = UnprivilegedThread.call(
                    () -> alone.scan(ScanRequest.of(root, LATER).after(before)));

            var inventory = ((ScanOutcome.Scanned) outcome).inventory();
            assertThat(inventory.isComplete()).isFalse();
            assertThat(find(inventory, "closed"))
                    .isEqualTo(new Finding.Unreadable(EntryPath.of("closed"), EntryType.DIRECTORY, "EACCES"));
            assertThat(find(inventory, "secret"))
                    .isEqualTo(new Finding.Unreadable(EntryPath.of("secret"), EntryType.FILE, "EACCES"));
            assertThat(find(inventory, "unsearchable/inside"))
                    .isEqualTo(
                            new Finding.Unreadable(EntryPath.of("unsearchable/inside"), EntryType.UNKNOWN, "EACCES"));
            assertThat(find(inventory, "open")).isSameAs(find(before, "open"));
            assertThat(inventory.find(EntryPath.of("closed/inside"))).isEmpty();
        } finally {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
            Files.setPosixFilePermissions(unsearchable, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void anUnreadableRootAnAbsentRootAndAnEmptyRootAreThreeThings() throws IOException, InterruptedException {
        var closed = Files.createDirectory(root.resolve("closed"));
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(scanned(ScanRequest.of(closed, LATER)).findings()).isEmpty();
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        var file = Files.createFile(root.resolve("file"));

        assertThat(UnprivilegedThread.call(() -> scanner.scan(ScanRequest.of(closed, LATER))))
                .isEqualTo(new ScanOutcome.RootUnreadable("EACCES"));
        assertThat(scanner.scan(ScanRequest.of(root.resolve("nothing"), LATER)))
                .isEqualTo(new ScanOutcome.RootAbsent());
        assertThat(scanner.scan(ScanRequest.of(file, LATER))).isEqualTo(new ScanOutcome.RootUnreadable("ENOTDIR"));
    }

    @Test
    void theRootItselfMayBeALink() throws IOException {
        var real = Files.createDirectory(root.resolve("real"));
        Files.writeString(real.resolve("f"), "x");
        var link = Files.createSymbolicLink(root.resolve("link"), real);

        assertThat(scanned(ScanRequest.of(link, LATER)).findings())
                .isEqualTo(scanned(ScanRequest.of(real, LATER)).findings());
    }

    @Test
    void aFileReplacedByADirectoryBetweenScansIsADirectory() throws IOException {
        Files.writeString(root.resolve("x"), "file");
        Files.createDirectory(root.resolve("y"));
        Files.writeString(root.resolve("y/below"), "b");
        var first = scan();
        Files.delete(root.resolve("x"));
        Files.createDirectory(root.resolve("x"));
        Files.writeString(root.resolve("x/below"), "b");
        Files.delete(root.resolve("y/below"));
        Files.delete(root.resolve("y"));
        Files.createSymbolicLink(root.resolve("y"), Path.of("x"));

        var second = scanned(ScanRequest.of(root, LATER).after(first));

        assertThat(second.findings())
                .extracting(finding -> finding.path() + " " + finding.type())
                .containsExactly("x DIRECTORY", "x/below FILE", "y SYMLINK");
    }

    @Test
    void aFileThatChangesEachTimeItIsReadIsUnstable() throws IOException {
        var large = root.resolve("large");
        Files.write(large, new byte[1 << 20]);
        var length = new AtomicLong(1 << 20);

        var inventory = scanned(ScanRequest.of(root, LATER).cancelledWhen(() -> {
            // Asked between the parts of a file: it grows a little while it is read.
            try (var file = new RandomAccessFile(large.toFile(), "rw")) {
                file.setLength(length.incrementAndGet());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            return false;
        }));

        assertThat(inventory.findings()).containsExactly(new Finding.Unstable(EntryPath.of("large")));
        assertThat(inventory.isComplete()).isFalse();
    }

    @Test
    void aNameThatMovesWhileTheDirectoryIsReadIsNotMissed() throws IOException {
        for (int i = 0; i < 3000; i++) {
            Files.createFile(root.resolve("a-name-of-some-length-" + i));
        }
        // One thread looks at a part of the names before it reads the next part.
        var alone = new TreeScanner(TreeFilter.keepAll(), 1, TreeScanner.DEFAULT_RACY_WINDOW, 10_000);
        var asked = new AtomicInteger();

        var outcome = alone.scan(ScanRequest.of(root, LATER).cancelledWhen(() -> {
            if (asked.incrementAndGet() == 500) {
                for (int i = 0; i < 3000; i += 10) {
                    rename("a-name-of-some-length-" + i, "moved-" + i);
                }
            }
            return false;
        }));

        var inventory = ((ScanOutcome.Scanned) outcome).inventory();
        for (int i = 0; i < 3000; i += 10) {
            assertThat(inventory.find(EntryPath.of("moved-" + i))).isPresent();
        }
        assertThat(inventory.findings()).extracting(Finding::path).doesNotHaveDuplicates();
    }

    private void rename(String from, String to) {
        try {
            Files.move(root.resolve(from), root.resolve(to));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theFilterLeavesOutInSilenceAndReportsByName() throws IOException {
        Files.createDirectories(root.resolve("webapps/a"));
        Files.createDirectories(root.resolve("api"));
        Files.writeString(root.resolve("api/a.xml"), "a");
        Files.writeString(root.resolve("api/b.xml.back"), "b");
        Files.createDirectories(root.resolve("c.back/below"));
        Files.writeString(root.resolve("api/.a.xml.part"), "b");
        var gateway = new TreeScanner(TreeFilter.gatewayDefault());

        var first = ((ScanOutcome.Scanned) gateway.scan(ScanRequest.of(root, LATER))).inventory();
        var second =
                ((ScanOutcome.Scanned) gateway.scan(ScanRequest.of(root, LATER).after(first))).inventory();

        assertThat(first.findings())
                .extracting(finding -> finding.path().toString())
                .containsExactly("api", "api/a.xml", "api/b.xml.back", "c.back");
        assertThat(find(first, "c.back")).isEqualTo(new Finding.Reported(EntryPath.of("c.back"), EntryType.DIRECTORY));
        assertThat(second.findings()).isSameAs(first.findings());
    }

    @Test
    void aHugeFlatDirectoryIsScannedByAllThreadsAndCounted() throws IOException {
        for (int i = 0; i < 20_000; i++) {
            Files.createFile(root.resolve("a-rather-long-name-for-a-file-" + i));
        }
        var entries = new AtomicLong();
        var request =
                ScanRequest.of(root, LATER).withProgress((done, bytes) -> entries.accumulateAndGet(done, Math::max));

        var inventory = scanned(request);

        assertThat(inventory.findings()).hasSize(20_000);
        assertThat(entries).hasValue(20_000);
        assertThat(scanned(request.after(inventory)).findings()).isSameAs(inventory.findings());
        var small = new TreeScanner(TreeFilter.keepAll(), 2, Duration.ofSeconds(2), 19_999);
        assertThat(small.scan(request)).isEqualTo(new ScanOutcome.TooLarge(19_999));
        var enough = new TreeScanner(TreeFilter.keepAll(), 3, Duration.ofSeconds(2), 20_000);
        assertThat(((ScanOutcome.Scanned) enough.scan(request)).inventory().findings())
                .isEqualTo(inventory.findings());
    }

    @Test
    void aCancelledScanEndsAndClosesWhatItOpened() throws IOException {
        for (int i = 0; i < 300; i++) {
            Files.createDirectories(root.resolve("d" + i + "/e/f"));
        }
        scan();
        long before = openDescriptors();
        for (int after = 0; after < 500; after += 7) {
            var left = new AtomicInteger(after);
            assertThat(scanner.scan(ScanRequest.of(root, LATER).cancelledWhen(() -> left.getAndDecrement() <= 0)))
                    .isEqualTo(new ScanOutcome.Cancelled());
        }
        assertThat(openDescriptors()).isLessThanOrEqualTo(before + 2);
    }

    private static long openDescriptors() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    @Test
    void anInterruptedThreadCancelsItsScan() throws IOException {
        Files.writeString(root.resolve("a"), "a");
        Thread.currentThread().interrupt();
        try {
            assertThat(scanner.scan(ScanRequest.of(root, LATER))).isEqualTo(new ScanOutcome.Cancelled());
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aPathThatIsTooLongMakesItsDirectoryUnreadable() throws IOException, InterruptedException {
        var script = "cd \"$0\" && n=$(printf '%0250d' 0) && for i in $(seq 17); do mkdir $n && cd -P $n; done";
        assertThat(new ProcessBuilder("bash", "-c", script, root.toString())
                        .start()
                        .waitFor())
                .isZero();
        try {
            var inventory = scan();

            var deepest = inventory.findings().get(inventory.findings().size() - 1);
            assertThat(deepest).isEqualTo(new Finding.Unreadable(deepest.path(), EntryType.DIRECTORY, "ENAMETOOLONG"));
            assertThat(deepest.path().length()).isEqualTo(16 * 251 - 1);
            assertThat(scanned(ScanRequest.of(root, LATER).after(inventory)).findings())
                    .isSameAs(inventory.findings());
        } finally {
            assertThat(new ProcessBuilder("bash", "-c", "rm -rf \"$0\"/0*", root.toString())
                            .start()
                            .waitFor())
                    .isZero();
        }
    }

    @Test
    void aTreeDeeperThanTheLimitIsUnreadableThere() throws IOException {
        var deep = "d/".repeat(ScanWorker.MAX_DEPTH + 3);
        Files.createDirectories(root.resolve(deep));

        var inventory = scan();

        assertThat(inventory.findings()).hasSize(ScanWorker.MAX_DEPTH + 1);
        assertThat(inventory.findings().get(ScanWorker.MAX_DEPTH))
                .isInstanceOfSatisfying(
                        Finding.Unreadable.class,
                        finding -> assertThat(finding.error()).isEqualTo("ENAMETOOLONG"));
    }

    private Inventory scan() {
        return scanned(ScanRequest.of(root, LATER));
    }

    private Inventory scanned(ScanRequest request) {
        var outcome = scanner.scan(request);
        assertThat(outcome).isInstanceOf(ScanOutcome.Scanned.class);
        return ((ScanOutcome.Scanned) outcome).inventory();
    }

    private static Finding find(Inventory inventory, String path) {
        return inventory.find(EntryPath.of(path)).orElseThrow();
    }

    private static Digest digest(String content) {
        return Digest.of(content.getBytes(StandardCharsets.UTF_8));
    }
}
