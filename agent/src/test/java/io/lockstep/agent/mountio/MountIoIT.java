package io.lockstep.agent.mountio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockstep.agent.mountio.Called.Answered;
import io.lockstep.agent.mountio.Called.Failed;
import io.lockstep.agent.mountio.Called.Hung;
import io.lockstep.agent.mountio.Called.Stuck;
import io.lockstep.agent.posix.Place;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.Stamp;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.digest.StampTable;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.TreeSight;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The parent's side against children that do what no real one would do on demand. */
class MountIoIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Of calls that hang: as short as a loaded machine lets the others be answered in. */
    private static final Duration DEADLINE = Duration.ofMillis(1500);

    private static final Beacon BEACON = new Beacon(new NodeName("gw1"), 1, 1);

    private final ClockThatIsPushed clock = new ClockThatIsPushed();
    private final CountDownLatch never = new CountDownLatch(1);
    private final ThreadChildren children = new ThreadChildren(
            ThreadChildren.serving((settings, probing, working) -> new FakeService(probing, working)));
    private MountIo io = io(PATIENCE, PATIENCE);
    private ShareCalls calls = new ShareCalls(io);

    /** Goes as time does, and is pushed ahead. */
    private static final class ClockThatIsPushed implements InstantSource {
        private final InstantSource real = InstantSource.system();
        private volatile Duration ahead = Duration.ZERO;

        @Override
        public Instant instant() {
            return real.instant().plus(ahead);
        }

        void push(Duration by) {
            ahead = ahead.plus(by);
        }
    }

    private MountIo io(Duration deadline, Duration start) {
        var settings = new ChildSettings("gw1", "prod", 2, Duration.ZERO, deadline, Duration.ofMillis(20), List.of());
        return new MountIo(
                children,
                "test",
                settings,
                new MountIoLimits(deadline, start, Duration.ofSeconds(5), MountIoLimits.MAX_STUCK),
                clock);
    }

    /** From now on a call hangs soon. */
    private void beHasty() {
        io = io(DEADLINE, PATIENCE);
        calls = new ShareCalls(io);
    }

    @AfterEach
    void endChildren() throws IOException {
        never.countDown();
        io.close();
        children.close();
    }

    private Called<List<TreeSight>> probe() {
        return calls.probe(BEACON, List.of());
    }

    private Called<ShareService.Staged> stage() {
        return calls.stage(List.of());
    }

    /** Every child's probe hangs in this call. */
    private void hangProbesIn(String operation, String path) {
        beHasty();
        children.setMain(ThreadChildren.serving(FakeService.probing(service -> {
            FakeService.hang(service.probing(), operation, path, never);
            return List.of();
        })));
    }

    @Test
    void oneChildAnswersAllCalls() {
        for (int i = 0; i < 50; i++) {
            assertThat(probe()).isEqualTo(new Answered<>(List.of()));
            assertThat(stage()).isInstanceOf(Answered.class);
        }
        assertThat(children.count()).isOne();
        assertThat(io.counts()).isEqualTo(new MountIoCounts(OptionalLong.of(1000), 0, 1, 0, 0));
    }

    @Test
    void aChildThatHangsIsKilledNamedByItsStepCountedAndReplaced() {
        hangProbesIn("read", "/mnt/x/.lockstep/cluster");

        assertThat(probe()).isEqualTo(new Hung<>("read of /mnt/x/.lockstep/cluster", DEADLINE));

        assertThat(children.last().ended()).isDone();
        assertThat(io.counts().timeouts()).isOne();
        children.setMain(ThreadChildren.serving((settings, probing, working) -> new FakeService(probing, working)));
        assertThat(probe()).isInstanceOf(Answered.class);
        assertThat(io.counts().restarts()).isOne();
        assertThat(io.counts().deaths()).isZero();
    }

    @Test
    void whatRunsBesideACallThatHangsEndsWithIt() throws Exception {
        beHasty();
        var staging = new CountDownLatch(1);
        children.setMain(ThreadChildren.serving((settings, probing, working) -> new FakeService(probing, working) {
            @Override
            public List<TreeSight> probe(Beacon beacon, List<NodeName> peers) {
                hang(probing, "fsync", "/mnt/x/b", never);
                return List.of();
            }

            @Override
            public Staged stage(List<ManifestEntry> files) {
                // It goes on and on, so that only the probe is to blame.
                while (!Thread.currentThread().isInterrupted() && never.getCount() > 0) {
                    working.begins("read", Place.of("/mnt/x/a"));
                    working.ended();
                    staging.countDown();
                }
                return super.stage(files);
            }
        }));
        var copy = CompletableFuture.supplyAsync(this::stage);
        staging.await();

        assertThat(probe()).isEqualTo(new Hung<>("fsync of /mnt/x/b", DEADLINE));
        assertThat(copy.get()).isEqualTo(new Hung<>("fsync of /mnt/x/b", DEADLINE));
        assertThat(io.counts().timeouts()).isOne();
    }

    @Test
    void aCallThatMovesMayTakeLongerThanTheDeadline() {
        beHasty();
        var moves = new AtomicInteger();
        children.setMain(ThreadChildren.serving((settings, probing, working) -> new FakeService(probing, working) {
            @Override
            public Staged stage(List<ManifestEntry> files) {
                for (int i = 0; i < 8; i++) {
                    working.begins("read", Place.of("/mnt/x/a"));
                    pause();
                    working.ended();
                    moves.incrementAndGet();
                }
                return super.stage(files);
            }
        }));

        assertThat(stage()).isInstanceOf(Answered.class);
        assertThat(moves).hasValue(8);
        assertThat(io.counts().timeouts()).isZero();
    }

    /** A quarter of the deadline. */
    private static void pause() {
        var duration = DEADLINE.dividedBy(4);
        await().pollDelay(duration).atMost(PATIENCE).until(() -> true);
    }

    @Test
    void aProbeMustEndInTimeWhateverItDoes() {
        beHasty();
        children.setMain(ThreadChildren.serving(FakeService.probing(service -> {
            while (!Thread.currentThread().isInterrupted() && never.getCount() > 0) {
                service.probing().begins("stat", Place.of("/mnt/x/a"));
                service.probing().ended();
            }
            return List.of();
        })));

        assertThat(probe()).isInstanceOf(Hung.class);
    }

    @Test
    void oneThreadThatHangsIsNotHiddenByAnotherOneThatWorks() {
        beHasty();
        children.setMain(ThreadChildren.serving((settings, probing, working) -> new FakeService(probing, working) {
            @Override
            public Staged stage(List<ManifestEntry> files) {
                var helper = new Thread(() -> {
                    while (never.getCount() > 0) {
                        working.begins("read", Place.of("/mnt/x/fine"));
                        working.ended();
                    }
                });
                helper.setDaemon(true);
                helper.start();
                hang(working, "open", "/mnt/x/hung", never);
                return super.stage(files);
            }
        }));

        assertThat(stage()).isEqualTo(new Hung<>("open of /mnt/x/hung", DEADLINE));
    }

    @Test
    void aChildThatDoesNotReadIsKilledAndTheCallHasHung() {
        beHasty();
        children.setMain((in, out) -> {
            new FrameReader(in).read();
            new FrameWriter(out).write(hello("test"));
            awaitEnd();
        });
        var large = new ArrayList<Finding>();
        for (int i = 0; i < 50_000; i++) {
            large.add(new Finding.RegularFile(
                    EntryPath.of("a" + (100_000 + i)), new Stamp(1, 2, 3, 4), 0644, Digest.of(new byte[0])));
        }

        var called = calls.scan(Map.of("server", new Inventory(large, 0, 0, 0)), false, (entries, bytes) -> {});

        assertThat(called).isEqualTo(new Hung<>("a scan in helper process 1000", DEADLINE));
    }

    private static Frame hello(String program) {
        return new Frame(Frame.Type.HELLO, 0, MessageOutput.bytesOf(Hello.of(program)::write));
    }

    private void awaitEnd() {
        try {
            never.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void atMostFourChildrenAreStuckAndTheFifthCallSaysSo() {
        hangProbesIn("open", "/mnt/x");
        children.hangWhenKilled();

        for (int stuck = 1; stuck <= 4; stuck++) {
            assertThat(probe()).isEqualTo(new Hung<>("open of /mnt/x", DEADLINE));
            assertThat(io.counts().stuck()).isEqualTo(stuck);
            clock.push(DEADLINE.multipliedBy(1L << stuck));
        }

        assertThat(probe())
                .isInstanceOfSatisfying(
                        Stuck.class,
                        stuck -> assertThat(stuck.detail())
                                .startsWith("4 helper processes hang in the mount, the last one in open of /mnt/x"));
        assertThat(stage()).isInstanceOf(Stuck.class);
        assertThat(children.count()).isEqualTo(4);
    }

    @Test
    void whatIsStuckIsCountedNoMoreWhenTheMountLetsGo() {
        hangProbesIn("open", "/mnt/x");
        children.hangWhenKilled();
        for (int stuck = 1; stuck <= 4; stuck++) {
            probe();
            clock.push(DEADLINE.multipliedBy(1L << stuck));
        }
        children.setMain(ThreadChildren.serving((settings, probing, working) -> new FakeService(probing, working)));

        children.release();

        assertThat(io.counts().stuck()).isZero();
        assertThat(probe()).isInstanceOf(Answered.class);
    }

    @Test
    void whileAChildIsStuckAnotherOneIsNotRiskedAtOnce() {
        hangProbesIn("open", "/mnt/x");
        children.hangWhenKilled();
        probe();

        for (int i = 0; i < 5; i++) {
            assertThat(probe())
                    .isInstanceOfSatisfying(
                            Hung.class, hung -> assertThat(hung.step()).isEqualTo("open of /mnt/x"));
        }
        assertThat(children.count()).isOne();
    }

    @Test
    void aChildThatDiesIsAnOutcomeOfItsOwnAndIsReplaced() throws Exception {
        var inProbe = new CountDownLatch(1);
        children.setMain(ThreadChildren.serving(FakeService.probing(service -> {
            inProbe.countDown();
            FakeService.hang(service.probing(), "read", "/mnt/x", never);
            return List.of();
        })));
        var probe = CompletableFuture.supplyAsync(this::probe);
        inProbe.await();
        children.last().end("signal 9");

        assertThat(probe.get())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed ->
                                assertThat(failed.detail()).contains("helper process 1000 ended by itself (signal 9)"));
        assertThat(io.counts().deaths()).isOne();
        assertThat(io.counts().timeouts()).isZero();
        assertThat(stage()).isInstanceOf(Answered.class);
    }

    @Test
    void aChildThatDiesBetweenTwoCallsIsReplacedUnseen() {
        probe();
        children.last().end("signal 9");
        await().atMost(PATIENCE).until(() -> io.counts().deaths() == 1);

        assertThat(probe()).isInstanceOf(Answered.class);
    }

    @Test
    void aChildOfAnotherVersionIsNamedAndNotAskedAgainAtOnce() {
        children.setMain((in, out) -> ChildLoop.run(in, out, "2.0", (settings, probing, working) -> {
            throw new AssertionError("it must not come to this");
        }));

        for (int i = 0; i < 3; i++) {
            assertThat(probe())
                    .isEqualTo(new Failed<>("this agent runs version test (protocol 1) and its program on disk is"
                            + " version 2.0 (protocol 1): start the agent again"));
        }
        assertThat(children.count()).isOne();
        clock.push(Duration.ofSeconds(5));
        probe();
        assertThat(children.count()).isEqualTo(2);
    }

    @Test
    void aChildThatCanNotBeStartedIsAnOutcome() {
        io.close();
        io = new MountIo(
                () -> {
                    throw new IOException("no such file: java");
                },
                "test",
                new ChildSettings("gw1", "prod", 2, Duration.ZERO, DEADLINE, DEADLINE, List.of()),
                MountIoLimits.of(DEADLINE),
                clock);

        assertThat(new ShareCalls(io).probe(BEACON, List.of()))
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.detail()).contains("no such file: java"));
    }

    @Test
    void aChildThatNeverSaysHelloIsGivenUp() {
        io = io(PATIENCE, Duration.ofMillis(100));
        children.setMain((in, out) -> awaitEnd());

        assertThat(new ShareCalls(io).probe(BEACON, List.of()))
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.detail()).contains("has not started within PT0.1S"));
        assertThat(children.last().ended()).isDone();
        assertThat(io.counts().timeouts()).isZero();
    }

    @Test
    void aChildThatTalksNonsenseIsKilled() {
        var nonsense = List.<byte[]>of(
                "OpenJDK 64-Bit Server VM warning: something".getBytes(StandardCharsets.US_ASCII),
                new byte[] {0x7f, -1, -1, -1, 2, 0, 0, 0, 1},
                new byte[] {0, 0, 0, 5, 2, 0, 0, 0, 99},
                new byte[] {0, 0, 0, 5, 1, 0, 0, 0, 1},
                new byte[] {0, 0, 0, 5, 50, 0, 0, 0, 1});
        for (var bytes : nonsense) {
            children.setMain((in, out) -> {
                var frames = new FrameReader(in);
                frames.read();
                new FrameWriter(out).write(hello("test"));
                frames.read();
                out.write(bytes);
                out.flush();
                awaitEnd();
            });
            assertThat(probe())
                    .isInstanceOfSatisfying(
                            Failed.class, failed -> assertThat(failed.detail()).contains("malformed frame"));
        }
        assertThat(io.counts().deaths()).isEqualTo(nonsense.size());
        assertThat(io.counts().stuck()).isZero();
    }

    @Test
    void whatTheServiceThrowsIsARefusalAndTheChildGoesOn() {
        children.setMain(ThreadChildren.serving(FakeService.staging(() -> {
            throw new IllegalStateException("no such tree");
        })));

        assertThat(stage())
                .isEqualTo(new Failed<>(
                        "the helper process refused: copy: java.lang.IllegalStateException: no such tree"));
        assertThat(probe()).isInstanceOf(Answered.class);
        assertThat(children.count()).isOne();
    }

    @Test
    void aChildThatHasWrittenIsReplaced() {
        var manifest = new Manifest(List.of(ManifestEntry.directory(EntryPath.of("server"), 0)));
        var order = new ShareService.WriteOrder(new GenerationId(1, 1), manifest, View.of(manifest));

        assertThat(calls.write(order)).isEqualTo(new Answered<>(new ShareService.Written(0, 0, 0, Optional.empty())));
        assertThat(children.last().ended()).isDone();
        assertThat(probe()).isInstanceOf(Answered.class);
        assertThat(children.count()).isEqualTo(2);
        assertThat(io.counts().deaths()).isZero();
        assertThat(io.counts().stuck()).isZero();
    }

    @Test
    void aTableIsSentOnceToAChild() {
        var tables = new ArrayList<StampTable>();
        children.setMain(ThreadChildren.serving((settings, probing, working) -> new FakeService(probing, working) {
            @Override
            public Optional<Problem> scan(ScanOrder order, ScanReport report) {
                var table = Objects.requireNonNull(order.known().get("server")).table();
                tables.add(table);
                var kept = new BitSet();
                kept.set(0, table.size());
                report.scanned("server", new ScannedTree(1, kept, 0, 0));
                return Optional.empty();
            }
        }));
        var previous = new Inventory(List.of(new Finding.Unstable(EntryPath.of("a"))), 5, 0, 0);

        scanAfter(previous);
        scanAfter(previous.seenAgain(6, 0, 0));
        scanAfter(new Inventory(List.of(new Finding.Unstable(EntryPath.of("b"))), 7, 0, 0));
        children.last().end("signal 9");
        await().atMost(PATIENCE).until(() -> io.counts().deaths() == 1);
        scanAfter(previous);

        assertThat(tables).extracting(StampTable::size).containsExactly(1, 1, 1, 1);
        assertThat(tables.get(1)).isSameAs(tables.get(0));
        assertThat(tables.get(2)).isNotSameAs(tables.get(0));
    }

    private void scanAfter(Inventory previous) {
        var called = calls.scan(Map.of("server", previous), false, (entries, bytes) -> {});
        assertThat(called).isInstanceOf(Answered.class);
    }

    @Test
    void aScanThatFailsSaysWhy() {
        children.setMain(ThreadChildren.serving((settings, probing, working) -> new FakeService(probing, working) {
            @Override
            public Optional<Problem> scan(ScanOrder order, ScanReport report) {
                report.found("server", new Finding.Unstable(EntryPath.of("a")));
                return Optional.of(new Problem(Reason.MARKER_MISSING, "gone"));
            }
        }));

        assertThat(calls.scan(Map.of(), false, (entries, bytes) -> {}))
                .isEqualTo(new Answered<>(
                        new ShareCalls.Scan.Failed(new ShareService.Problem(Reason.MARKER_MISSING, "gone"))));
    }

    @Test
    void nothingIsWaitedForWhenTheAgentStops() throws Exception {
        hangProbesIn("open", "/mnt/x");
        children.hangWhenKilled();
        var probe = CompletableFuture.supplyAsync(this::probe);
        await().atMost(PATIENCE).until(() -> io.counts().pid().isPresent());

        io.close();

        assertThat(probe.get()).isEqualTo(new Failed<>("the agent stops"));
        assertThat(stage()).isEqualTo(new Failed<>("the agent stops"));
    }
}
