package io.lockstep.agent.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockstep.agent.loop.TreeScan;
import io.lockstep.agent.scan.PerturbedTree;
import io.lockstep.agent.scan.ScanOutcome;
import io.lockstep.agent.scan.ScanRequest;
import io.lockstep.agent.scan.TreeScanner;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import io.lockstep.mount.Marker;
import io.lockstep.mount.Probe;
import io.lockstep.mount.Sight;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real child process. */
class ShareChildIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int STEPS = 60;

    @TempDir
    private Path base;

    private ChildFixture child;

    @BeforeEach
    void makeShare() throws IOException {
        child = new ChildFixture(Files.createDirectory(base.resolve("share")), base.resolve("work"), PATIENCE);
    }

    @AfterEach
    void endChild() {
        child.close();
    }

    @Test
    void aProbeSeesMarkerAndBeacons() {
        var looked = (Probe.Looked) child.probe();

        assertThat(looked.trees()).singleElement().satisfies(tree -> {
            assertThat(tree.tree()).isEqualTo("server");
            assertThat(tree.directory()).isInstanceOf(Sight.Seen.class);
            assertThat(tree.marker())
                    .isInstanceOfSatisfying(
                            Sight.Seen.class,
                            seen -> assertThat(((Marker) seen.value()).clusterId())
                                    .isEqualTo(ChildFixture.CLUSTER));
            assertThat(tree.written()).isEqualTo(new Sight.Seen<>(child.lastBeacon()));
            assertThat(tree.peers().values()).containsExactly(new Sight.Absent<>());
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void aScanByTheChildFindsWhatAScanInThisProcessFinds(long seed) throws Exception {
        var random = new Random(seed);
        var tree = new PerturbedTree(child.share, random);
        // What nobody can read to its end, whoever asks: a directory too deep.
        Files.createDirectories(child.share.resolve("d/".repeat(260)));
        run("mkfifo", child.share.resolve("fifo").toString());
        Files.createFile(child.share.resolve("x.xml.back"));
        var filter = new TreeFilter(List.of(), List.of(".lockstep"), TreeFilter.DEFAULT_REPORT);
        var scanner = new TreeScanner(filter, 1, ChildFixture.RACY_WINDOW, 10_000);
        var byChild = Inventory.empty();
        for (int step = 0; step < STEPS; step++) {
            for (int i = random.nextInt(6); i > 0; i--) {
                tree.perturb();
            }
            var previous = byChild;
            byChild = inventory(child.scan(Map.of("server", previous), step % 10 == 9));
            var here = scanner.scan(ScanRequest.of(
                    child.share, Trees.nanos(InstantSource.system().instant())));
            assertThat(byChild.findings())
                    .as("seed %d, step %d", seed, step)
                    .isEqualTo(((ScanOutcome.Scanned) here).inventory().findings());
            if (byChild.findings().equals(previous.findings())) {
                assertThat(byChild.findings())
                        .as("seed %d, step %d", seed, step)
                        .isSameAs(previous.findings());
            }
        }
        assertThat(byChild.findings())
                .contains(
                        new Finding.Special(EntryPath.of("fifo"), EntryType.FIFO),
                        new Finding.Reported(EntryPath.of("x.xml.back"), EntryType.FILE))
                .hasAtLeastOneElementOfType(Finding.Unreadable.class);
        assertThat(child.io.counts().starts()).isOne();
    }

    private static Inventory inventory(TreeScan scan) {
        assertThat(scan).isInstanceOf(TreeScan.Scanned.class);
        return Objects.requireNonNull(((TreeScan.Scanned) scan).inventories().get("server"));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    @Test
    void aRescanReadsNoFileThatIsAsItWas() throws Exception {
        for (int i = 0; i < 100; i++) {
            Files.writeString(child.share.resolve(i + ".xml"), "<x/>");
        }
        var first = inventory(child.scan(Map.of(), false));
        await().pollDelay(ChildFixture.RACY_WINDOW.multipliedBy(2)).until(() -> true);
        var second = inventory(child.scan(Map.of("server", first), false));
        var third = inventory(child.scan(Map.of("server", second), false));

        assertThat(first.hashedFiles()).isEqualTo(100);
        assertThat(third.hashedFiles()).isZero();
        assertThat(third.findings()).isSameAs(first.findings());
    }

    @Test
    void aShareThatIsNotOursIsNotScanned() throws IOException {
        Files.writeString(child.share.resolve(".lockstep/cluster"), "{\"clusterId\":\"other\",\"shareId\":\"1\"}");

        assertThat(child.scan(Map.of(), false))
                .isInstanceOfSatisfying(
                        TreeScan.Failed.class,
                        failed -> assertThat(failed.reason()).isEqualTo(Reason.MARKER_FOREIGN));
    }

    @Test
    void filesAreStagedAndWhatChangedIsMissing() throws IOException {
        var files = new ArrayList<ManifestEntry>();
        for (int i = 0; i < 1200; i++) {
            var text = "content " + i;
            Files.writeString(child.share.resolve("f" + i), text);
            files.add(ManifestEntry.file(
                    EntryPath.of("server/f" + i),
                    0644,
                    text.length(),
                    0,
                    Digest.of(text.getBytes(StandardCharsets.UTF_8))));
        }
        Files.writeString(child.share.resolve("f700"), "changed 700");

        var staging = child.port.stage(files);

        assertThat(staging.missing()).containsExactly(files.get(700));
        assertThat(staging.problem()).isPresent();
        assertThat(child.stage.has(files.get(1199).digest().orElseThrow())).isTrue();
    }

    @Test
    void theShareIsBroughtToAManifestAndWhatGivesWayIsKept() throws IOException {
        Files.writeString(child.share.resolve("old.xml"), "old");
        var staged = Files.writeString(base.resolve("new"), "new");
        var digest = Digest.of(Files.readAllBytes(staged));
        child.stage.adopt(staged, digest);
        var seen = View.of(Map.of("server", inventory(child.scan(Map.of(), false))), View.empty());
        var target = new Manifest(List.of(
                ManifestEntry.directory(EntryPath.of("server"), 0),
                ManifestEntry.file(EntryPath.of("server/new.xml"), 0640, 3, 5_000_000_000L, digest)));
        child.reference = Optional.of(
                new Generation(new GenerationId(1, 2), target.root(), Optional.of(digest), Digest.of(new byte[0])));
        long before = child.pid();

        var change = child.port.write(target, seen);

        assertThat(change.problem()).isEmpty();
        assertThat(change.written()).isEqualTo(2);
        assertThat(change.trashed()).isOne();
        assertThat(child.share.resolve("new.xml")).hasContent("new");
        assertThat(child.share.resolve("old.xml")).doesNotExist();
        assertThat(child.work.resolve("trash/1.2/0.kept")).hasContent("old");
        // A child that has written is replaced, so that its memory is given back.
        child.probe();
        assertThat(child.pid()).isNotEqualTo(before);
    }

    @Test
    void aChildThatIsStoppedIsKilledAndTheNextCallHasAnother() throws Exception {
        child.close();
        child = new ChildFixture(child.share, child.work, Duration.ofSeconds(3));
        child.probe();
        long pid = child.pid();
        ChildFixture.signal("STOP", pid);

        assertThat(child.probe()).isEqualTo(new Probe.Hung("a probe in helper process " + pid, Duration.ofSeconds(3)));

        assertThat(ProcessHandle.of(pid)).isEmpty();
        assertThat(child.io.counts().timeouts()).isOne();
        assertThat(child.io.counts().stuck()).isZero();
        assertThat(child.probe()).isInstanceOf(Probe.Looked.class);
    }

    @Test
    void aChildThatIsKilledInTheMiddleOfAScanIsAFailedScan() throws Exception {
        Files.writeString(child.share.resolve("a.xml"), "<a/>");
        child.probe();
        long pid = child.pid();
        ChildFixture.signal("STOP", pid);
        var scan = CompletableFuture.supplyAsync(() -> child.scan(Map.of(), false));
        ChildFixture.signal("KILL", pid);

        assertThat(scan.get()).isInstanceOfSatisfying(TreeScan.Failed.class, failed -> {
            assertThat(failed.reason()).isEqualTo(Reason.MOUNT_IO_FAILED);
            assertThat(failed.detail()).contains(Long.toString(pid), "signal 9");
        });
        assertThat(inventory(child.scan(Map.of(), false)).findings()).hasSize(1);
    }

    @Test
    void aProbeOutlivesAChildThatWasKilled() throws Exception {
        child.probe();
        ChildFixture.signal("STOP", child.pid());
        long pid = child.pid();
        var probe = CompletableFuture.supplyAsync(child::probe);
        ChildFixture.signal("KILL", pid);

        assertThat(probe.get()).isInstanceOf(Probe.Looked.class);
    }

    @Test
    void theChildEndsWhenItsParentIsGone() throws Exception {
        var process = ShareChild.starter("gw1", false).start();

        process.input().close();

        assertThat(process.ended().get()).isEqualTo("exit code 0");
    }

    @Test
    void nothingOfTheParentIsInherited() throws Exception {
        var lock = base.resolve("lock");
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var file = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var held = file.lock()) {
            assertThat(socket.isBound() && held.isValid()).isTrue();
            child.probe();
            var open = openFiles(child.pid());

            assertThat(List.of(open.get("0"), open.get("1"), open.get("2")))
                    .allSatisfy(target -> assertThat(target).startsWith("pipe:"));
            assertThat(open.values())
                    .noneSatisfy(target -> assertThat(target).startsWith("socket:"))
                    .noneSatisfy(target -> assertThat(target).startsWith(base.toString()));
            // Each library that it opens costs memory, and most it has no use for.
            assertThat(open.values().stream()
                            .filter(target -> target.endsWith(".jar"))
                            .map(target -> Path.of(target).getFileName().toString()))
                    .allMatch(
                            jar -> jar.startsWith("jna-") || jar.startsWith("lockstep-") || jar.startsWith("jackson-"));
        }
    }

    @Test
    void theChildIsNamedAndRunsInTheRootDirectory() throws Exception {
        child.probe();
        var process = Path.of("/proc", Long.toString(child.pid()));

        assertThat(Files.readSymbolicLink(process.resolve("cwd"))).isEqualTo(Path.of("/"));
        var command = Files.readString(process.resolve("cmdline")).split("\0", -1);
        assertThat(command).endsWith("io.lockstep.agent.app.ShareChild", "gw1", "");
        assertThat(Files.readString(process.resolve("environ")).split("\0", -1))
                .contains("MALLOC_ARENA_MAX=1")
                .allMatch(variable -> variable.isEmpty()
                        || variable.matches("(?s)(PATH|HOME|LANG|TZ|TMPDIR|LD_LIBRARY_PATH|XDG_CACHE_HOME"
                                + "|XDG_RUNTIME_DIR|MALLOC_ARENA_MAX|LC_[A-Z]+|LOCKSTEP_[A-Z_]+)=.*"));
    }

    private static Map<String, String> openFiles(long pid) throws IOException {
        var open = new TreeMap<String, String>();
        try (var names = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (var name : names) {
                if (Files.isSymbolicLink(name)) {
                    open.put(
                            name.getFileName().toString(),
                            Files.readSymbolicLink(name).toString());
                }
            }
        }
        return open;
    }

    @Test
    void memoryIsToldWithoutAskingTheChild() throws Exception {
        child.probe();
        ChildFixture.signal("STOP", child.pid());

        assertThat(child.io.residentBytes()).isBetween(10L << 20, 500L << 20);
    }
}
