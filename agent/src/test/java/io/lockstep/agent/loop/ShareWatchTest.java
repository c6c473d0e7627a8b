package io.lockstep.agent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.cluster.AnnouncedBeacon;
import io.lockstep.cluster.DriftSummary;
import io.lockstep.cluster.MemberView;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.MountEvidence.State;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.health.HealthLimits;
import io.lockstep.health.TotalOutage;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.ExpectedMount;
import io.lockstep.mount.Marker;
import io.lockstep.mount.MountTable;
import io.lockstep.mount.Probe;
import io.lockstep.mount.Sight;
import io.lockstep.mount.TreeSight;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One node's evidence, second by second: gw2, a worker of three, probes each second and has a deadline of ten. */
class ShareWatchTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration DEADLINE = SECOND.multipliedBy(10);
    private static final NodeName SELF = new NodeName("gw2");
    private static final NodeName MANAGER = new NodeName("gw1");
    private static final NodeName OTHER = new NodeName("gw3");
    private static final String MOUNTED = """
            1 0 8:1 / / rw - ext4 /dev/sda1 rw
            %d 1 0:45 / /mnt/wso2 %s - nfs4 filer:/wso2 rw
            """;

    private final FakeShare share = new FakeShare();
    private final List<Runnable> probes = new ArrayList<>();
    private final List<Runnable> scans = new ArrayList<>();
    private final Map<NodeName, PeerState> peers = new TreeMap<>();
    private final Counted counted = new Counted();
    private String table = MOUNTED.formatted(40, "rw");
    private boolean wereAllAsked = true;
    private Map<String, String> registered = Map.of();
    private ShareWatch watch = watch(Optional.empty());
    private double second;
    private int scanned;

    /** What a test wants to be seen next. */
    private static final class FakeShare implements Share {
        private Sight<String> directory = new Sight.Seen<>("1:2");
        private Sight<Marker> marker = new Sight.Seen<>(new Marker("prod", "4711"));
        private Optional<Sight<Beacon>> written = Optional.empty();
        private Optional<Probe> instead = Optional.empty();
        private final Map<NodeName, Sight<Beacon>> beacons = new HashMap<>();
        private TreeScan outcome = new TreeScan.Scanned(Map.of());
        private Runnable whileScanning = () -> {};

        @Override
        public Probe probe(Beacon beacon, List<NodeName> members) {
            assertThat(members).containsExactly(MANAGER, OTHER);
            boolean isMarked = marker instanceof Sight.Seen<Marker>;
            Sight<Beacon> own = isMarked ? written.orElse(new Sight.Seen<>(beacon)) : new Sight.NotTried<>();
            return instead.orElseGet(() -> new Probe.Looked(
                    List.of(new TreeSight("server", directory, marker, own, isMarked ? beacons : Map.of()))));
        }

        @Override
        public TreeScan scan(Map<String, Inventory> previous, boolean everyDigest, ScanProgress progress) {
            whileScanning.run();
            return outcome;
        }

        @Override
        public Staging stage(List<ManifestEntry> files) {
            throw new IllegalStateException("a watch copies nothing");
        }

        @Override
        public Change write(Manifest target, View seen) {
            throw new IllegalStateException("a watch writes nothing");
        }
    }

    private static final class Counted implements LoopListener {
        private final List<Reason> probed = new ArrayList<>();
        private final List<String> refused = new ArrayList<>();

        @Override
        public void probed(Duration took, Reason found) {
            probed.add(found);
        }

        @Override
        public void shareRefused(String error) {
            refused.add(error);
        }
    }

    private ShareWatch watch(Optional<ExpectedMount> mount) {
        var settings = new LoopSettings(
                "prod",
                SELF,
                MANAGER,
                List.of(MANAGER, SELF, OTHER),
                true,
                ShareKind.MOUNT,
                List.of(new TreeShare("server", "/mnt/wso2/server", mount)),
                SECOND,
                SECOND,
                SECOND,
                1.0,
                Duration.ofDays(1),
                DEADLINE,
                DEADLINE,
                SECOND,
                SECOND,
                SECOND,
                SECOND,
                DEADLINE,
                Duration.ofSeconds(15),
                new DeletionGuard(10, 0.2),
                new HealthLimits(DEADLINE, DEADLINE, DEADLINE, TotalOutage.SERVE),
                "test");
        return new ShareWatch(share, this::table, settings, counted, probes::add, scans::add, () -> {}, 1, START);
    }

    private MountTable table() throws IOException {
        if (table.isEmpty()) {
            throw new IOException("no table");
        }
        return MountTable.parse(table);
    }

    @BeforeEach
    void hearsTheOthers() {
        announce(MANAGER, 1);
        announce(OTHER, 1);
    }

    private Instant now() {
        return START.plusMillis((long) (second * 1000));
    }

    /** Both members announce and this node sees it, unless a test changes what it sees. */
    private void announce(NodeName peer, long seq) {
        hear(peer, Optional.of(new AnnouncedBeacon(7, seq)));
        share.beacons.put(peer, new Sight.Seen<>(new Beacon(peer, 7, seq)));
    }

    private void hear(NodeName peer, Optional<AnnouncedBeacon> beacon) {
        var view = new MemberView(
                peer,
                Role.WORKER,
                Mode.SHARED,
                1,
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Serving.MOUNT,
                State.PROVEN,
                Reason.OK,
                beacon,
                Reason.OK,
                DriftSummary.NONE,
                0,
                0,
                0,
                "test");
        peers.put(peer, new PeerState(peer, Optional.of(view), Optional.of(now()), Optional.empty()));
    }

    private void unreachable(NodeName peer) {
        peers.computeIfPresent(
                peer, (name, state) -> new PeerState(name, state.view(), state.heardAt(), Optional.of("refused")));
    }

    private void turn() {
        watch.turn(new ShareWatch.Told(List.copyOf(peers.values()), wereAllAsked, registered), now());
    }

    private void answerProbes() {
        List.copyOf(probes).forEach(Runnable::run);
        probes.clear();
    }

    private void answerScans() {
        List.copyOf(scans).forEach(Runnable::run);
        scans.clear();
    }

    /** One turn in which what is running answers at once, and another that takes the answers. */
    private void step() {
        turn();
        answerProbes();
        answerScans();
        turn();
    }

    /** Whole seconds up to {@code until}, each with a step; members go on announcing if they did. */
    private void run(int until) {
        while (second < until) {
            second++;
            step();
        }
    }

    private MountEvidence evidence() {
        return watch.evidence();
    }

    private void assertEvidence(State state, Reason reason) {
        assertThat(evidence().state()).as(evidence().toString()).isEqualTo(state);
        assertThat(evidence().reason()).isEqualTo(reason);
    }

    private void proveIt() {
        step();
        run(3);
        assertEvidence(State.PROVEN, Reason.OK);
        assertThat(watch.newer()).isPresent();
    }

    @Test
    void nothingIsKnownBeforeTheFirstLookAndBeforeAllMembersWereAsked() {
        wereAllAsked = false;
        assertEvidence(State.UNKNOWN, Reason.STARTING);
        step();
        assertEvidence(State.UNKNOWN, Reason.STARTING);
        assertThat(watch.newer()).isEmpty();
        assertThat(scans).isEmpty();
        wereAllAsked = true;
        turn();
        assertEvidence(State.PROVEN, Reason.OK);
        assertThat(evidence().isWritable()).isTrue();
    }

    @Test
    void aShareThatIsGoneIsLostAtTheNextProbe() {
        proveIt();
        share.directory = new Sight.Absent<>();
        run(4);
        assertEvidence(State.LOST, Reason.SHARE_MISSING);
        assertThat(watch.newer()).isEmpty();
        assertThat(watch.beacon()).as("it has no share to announce a beacon of").isEmpty();
        share.directory = new Sight.Seen<>("1:2");
        run(5);
        assertEvidence(State.PROVEN, Reason.OK);
        assertThat(evidence().since()).isEqualTo(now());
        assertThat(watch.isProvenFor(SECOND, now())).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "EIO, SHARE_IO_ERROR",
        "ESTALE, STALE_HANDLE",
        "ENOTCONN, NOT_CONNECTED",
        "EACCES, NO_PERMISSION",
        "ETIMEDOUT, SHARE_IO_ERROR"
    })
    void aRefusedReadIsLostForItsReasonAndCounted(String errno, Reason reason) {
        proveIt();
        share.marker = new Sight.Refused<>("read", errno);
        run(4);
        assertEvidence(State.LOST, reason);
        assertThat(evidence().detail()).contains(errno);
        assertThat(counted.refused).containsOnly(errno);
        assertThat(counted.probed).contains(Reason.OK, reason);
    }

    @ParameterizedTest
    @CsvSource({"EROFS, READ_ONLY", "ENOSPC, NO_SPACE", "EDQUOT, NO_SPACE", "EACCES, NO_PERMISSION"})
    void aRefusedWriteLeavesAShareThatIsProvenForReading(String errno, Reason reason) {
        proveIt();
        var before = evidence().since();
        share.written = Optional.of(new Sight.Refused<>("write", errno));
        run(10);
        assertEvidence(State.PROVEN, reason);
        assertThat(evidence().isWritable()).isFalse();
        assertThat(evidence().since()).as("it has been readable all the time").isEqualTo(before);
        assertThat(watch.newer()).isPresent();
        assertThat(watch.beacon())
                .as("what it could not write it does not announce")
                .isEmpty();
        share.written = Optional.empty();
        run(11);
        assertEvidence(State.PROVEN, Reason.OK);
        assertThat(watch.beacon()).isPresent();
    }

    @Test
    void aReadOnlyNodeIsJudgedByWhatItSees() {
        share.written = Optional.of(new Sight.Refused<>("open", "EROFS"));
        step();
        assertEvidence(State.PROVEN, Reason.READ_ONLY);
        share.beacons.clear();
        announceWithoutSeeing(20);
        assertEvidence(State.LOST, Reason.WRONG_EXPORT);
    }

    /** For so many seconds the members announce new beacons of which this node sees nothing new. */
    private void announceWithoutSeeing(int seconds) {
        int until = (int) second + seconds;
        while (second < until) {
            hear(MANAGER, Optional.of(new AnnouncedBeacon(7, 100 + (long) second)));
            hear(OTHER, Optional.of(new AnnouncedBeacon(7, 100 + (long) second)));
            second++;
            step();
        }
    }

    @Test
    void aProbeThatDoesNotAnswerIsSuspectedAndThenLost() {
        proveIt();
        second = 5;
        turn();
        assertThat(probes).hasSize(1);
        second = 9.9;
        turn();
        assertEvidence(State.PROVEN, Reason.OK);
        second = 10.1;
        turn();
        assertEvidence(State.SUSPECT, Reason.SHARE_HUNG);
        assertThat(watch.newer()).as("what was seen is served on").isPresent();
        assertThat(watch.isProvenFor(Duration.ZERO, now())).isFalse();
        assertThat(evidence().observedAt()).as("the last look").isEqualTo(START.plusSeconds(3));
        second = 15.1;
        turn();
        assertEvidence(State.LOST, Reason.SHARE_HUNG);
        assertThat(evidence().observedAt()).isEqualTo(now());
        assertThat(watch.newer()).isEmpty();
        assertThat(watch.beacon()).isEmpty();
        second = 16;
        answerProbes();
        step();
        assertEvidence(State.PROVEN, Reason.OK);
    }

    @Test
    void aProbeThatWasGivenUpIsLostUntilAnotherLooks() {
        proveIt();
        share.instead = Optional.of(new Probe.Hung("stat of /mnt/wso2/server", DEADLINE));
        run(4);
        assertEvidence(State.LOST, Reason.SHARE_HUNG);
        assertThat(evidence().detail()).contains("stat of /mnt/wso2/server");
        share.instead = Optional.of(new Probe.NotTried(Reason.MOUNT_IO_STUCK, "4 helpers hang"));
        run(20);
        assertEvidence(State.LOST, Reason.MOUNT_IO_STUCK);
        share.instead = Optional.empty();
        run(21);
        assertEvidence(State.PROVEN, Reason.OK);
    }

    @Test
    void whatCanNotBeTriedIsSuspectedForTheDeadline() {
        proveIt();
        share.instead = Optional.of(new Probe.NotTried(Reason.MOUNT_IO_STUCK, "no process can be started"));
        run(13);
        assertEvidence(State.SUSPECT, Reason.MOUNT_IO_STUCK);
        run(14);
        assertEvidence(State.LOST, Reason.MOUNT_IO_STUCK);
    }

    @Test
    void aScanThatWaitsForItsThreadIsNoShareThatHangs() {
        turn();
        while (second < 60) {
            answerProbes();
            turn();
            second++;
            turn();
        }
        assertThat(scans).hasSize(1);
        assertEvidence(State.PROVEN, Reason.OK);
    }

    @Test
    void aMarkerThatAnswersDoesNotStartTheTimeOfAHangingScanAnew() {
        var during = new ArrayList<MountEvidence>();
        share.whileScanning = () -> {
            while (second < 30) {
                answerProbes();
                turn();
                during.add(evidence());
                second++;
            }
        };
        turn();
        answerProbes();
        turn();
        answerScans();
        assertThat(during).extracting(MountEvidence::state).contains(State.PROVEN, State.SUSPECT, State.LOST);
        var last = during.get(during.size() - 1);
        assertThat(last.reason()).isEqualTo(Reason.SHARE_HUNG);
        assertThat(last.detail()).startsWith("a scan");
        assertThat(Duration.between(last.since(), now())).isGreaterThan(DEADLINE);

        share.whileScanning = () -> {};
        run(33);
        assertEvidence(State.PROVEN, Reason.OK);
    }

    @Test
    void aMarkerThatAnswersDoesNotHideAScanThatFails() {
        share.outcome = new TreeScan.Failed(Reason.STALE_HANDLE, "ESTALE");
        step();
        run(30);
        assertEvidence(State.LOST, Reason.STALE_HANDLE);
        assertThat(Duration.between(evidence().since(), now())).isGreaterThan(Duration.ofSeconds(20));

        share.outcome = new TreeScan.Scanned(Map.of());
        run(36);
        assertEvidence(State.PROVEN, Reason.OK);
        assertThat(watch.newer()).isPresent();
    }

    @Test
    void aDirectoryThatCanNotBeListedIsSuspectedAndThenLost() {
        proveIt();
        share.outcome = refusing(EntryType.DIRECTORY);
        run(33);
        assertThat(evidence().reason()).isEqualTo(Reason.SHARE_IO_ERROR);
        assertThat(evidence().state()).isNotEqualTo(State.PROVEN);
        run(36);
        assertEvidence(State.LOST, Reason.SHARE_IO_ERROR);
        assertThat(watch.newer()).isEmpty();

        share.outcome = new TreeScan.Scanned(Map.of());
        run(40);
        assertEvidence(State.PROVEN, Reason.OK);
        assertThat(watch.newer()).isPresent();
    }

    @Test
    void oneScanWithAnErrorIsNoLoss() {
        proveIt();
        share.outcome = refusing(EntryType.DIRECTORY);
        share.whileScanning = () -> {
            assertThat(evidence().state()).isNotEqualTo(State.LOST);
            scanned++;
        };
        while (scanned == 0) {
            run((int) second + 1);
        }
        assertEvidence(State.SUSPECT, Reason.SHARE_IO_ERROR);
        assertThat(watch.newer()).as("what was seen before").isPresent();
        share.outcome = new TreeScan.Scanned(Map.of());
        run((int) second + 3);
        assertEvidence(State.PROVEN, Reason.OK);
        assertThat(evidence().detail()).isEmpty();
    }

    @Test
    void aFileThatCanNotBeReadLosesNothing() {
        share.outcome = refusing(EntryType.FILE);
        proveIt();
        run(60);
        assertEvidence(State.PROVEN, Reason.OK);
    }

    private static TreeScan refusing(EntryType type) {
        var refused = new Finding.Unreadable(EntryPath.of("api"), type, "EIO");
        return new TreeScan.Scanned(Map.of("server", new Inventory(List.of(refused), 0, 0, 0)));
    }

    @Test
    void aScanCountsOnlyWhenAProbeAfterItProvesTheShare() {
        turn();
        answerProbes();
        turn();
        assertThat(scans).hasSize(1);
        // The marker goes while the scan runs, and the scan itself sees nothing of it.
        second = 0.1;
        answerScans();
        share.marker = new Sight.Absent<>();
        turn();
        assertThat(watch.newer()).isEmpty();
        assertThat(probes).as("asked at once, not after a second").hasSize(1);
        answerProbes();
        turn();
        assertEvidence(State.LOST, Reason.MARKER_MISSING);
        share.marker = new Sight.Seen<>(new Marker("prod", "4711"));
        second = 2;
        turn();
        answerProbes();
        turn();
        assertEvidence(State.PROVEN, Reason.OK);
        assertThat(watch.newer())
                .as("a scan from before the loss is no evidence")
                .isEmpty();
        second = 2.1;
        answerScans();
        turn();
        assertThat(watch.newer()).isEmpty();
        answerProbes();
        turn();
        assertThat(watch.newer()).isPresent();
    }

    @Test
    void aScanThatRunsWhileTheShareIsLostIsNoLook() {
        proveIt();
        second = 4;
        turn();
        answerProbes();
        turn();
        assertThat(scans).hasSize(1);
        share.marker = new Sight.Absent<>();
        second = 5;
        turn();
        answerProbes();
        turn();
        assertEvidence(State.LOST, Reason.MARKER_MISSING);
        share.marker = new Sight.Seen<>(new Marker("prod", "4711"));
        second = 6;
        turn();
        answerProbes();
        turn();
        assertEvidence(State.PROVEN, Reason.OK);
        answerScans();
        turn();
        answerProbes();
        turn();
        assertThat(watch.newer()).isEmpty();
    }

    @Test
    void anotherShareThanTheRegisteredOneIsLostUntilItIsRegistered() {
        registered = Map.of("server", "4711");
        proveIt();
        share.marker = new Sight.Seen<>(new Marker("prod", "4712"));
        run(4);
        assertEvidence(State.LOST, Reason.MARKER_UNREGISTERED);
        assertThat(watch.shown("server", now()).shareId()).contains("4712");
        registered = Map.of("server", "4712");
        turn();
        assertEvidence(State.PROVEN, Reason.OK);
    }

    @Test
    void onlyAShareOfThisClusterIsShownToBeRegistered() {
        assertThat(watch.shown("server", now()).shareId()).isEmpty();
        proveIt();
        assertThat(watch.shown("server", now()).shareId()).contains("4711");
        assertThat(watch.shown("tenants", now()).shareId()).isEmpty();
        share.marker = new Sight.Seen<>(new Marker("test", "4711"));
        run(4);
        assertThat(watch.shown("server", now()).verdict().reason()).isEqualTo(Reason.MARKER_FOREIGN);
        assertThat(watch.shown("server", now()).shareId()).isEmpty();
        share.instead = Optional.of(new Probe.Hung("read", DEADLINE));
        run(5);
        assertThat(watch.shown("server", now()).shareId()).isEmpty();
    }

    @Test
    void aNodeWhoseMountShowsNothingOfTheOthersHasAnotherExport() {
        proveIt();
        var elsewhere = new Sight.Seen<>("1:99");
        share.directory = elsewhere;
        announceWithoutSeeing(5);
        assertEvidence(State.SUSPECT, Reason.WRONG_EXPORT);
        announceWithoutSeeing(15);
        assertEvidence(State.LOST, Reason.WRONG_EXPORT);
        assertThat(evidence().detail()).contains("gw1", "gw3");
        assertThat(watch.beaconLags(now()).get(MANAGER)).isGreaterThan(Duration.ofSeconds(15));
        assertThat(watch.beacon())
                .as("the others count it, and see nothing of it")
                .isPresent();

        share.directory = new Sight.Seen<>("1:2");
        announce(MANAGER, 1000);
        announce(OTHER, 1000);
        run(25);
        assertEvidence(State.PROVEN, Reason.OK);
        assertThat(watch.beaconLags(now())).containsEntry(MANAGER, Duration.ZERO);
    }

    @Test
    void aNodeThatSeesTheOthersTooLateHasAStaleView() {
        step();
        for (int seq = 2; seq < 10; seq++) {
            announce(MANAGER, seq);
            announce(OTHER, seq);
            second++;
            step();
        }
        assertEvidence(State.PROVEN, Reason.OK);
        announceWithoutSeeing(12);
        assertEvidence(State.SUSPECT, Reason.STALE_VIEW);
        announceWithoutSeeing(8);
        assertEvidence(State.LOST, Reason.STALE_VIEW);
    }

    @Test
    void aMemberThatHasNoShareOrIsAwayIsNotWaitedFor() {
        proveIt();
        share.beacons.clear();
        hear(MANAGER, Optional.empty());
        hear(OTHER, Optional.of(new AnnouncedBeacon(7, 2)));
        unreachable(OTHER);
        run(60);
        assertEvidence(State.PROVEN, Reason.OK);
        assertThat(watch.beaconLags(now()).values()).containsOnly(Duration.ZERO);
    }

    @Test
    void whatIsWrittenIsAnnounced() {
        step();
        assertThat(watch.beacon()).contains(new AnnouncedBeacon(1, 1));
        run(1);
        var next = watch.beacon().orElseThrow();
        assertThat(next.seq()).isGreaterThan(1);
        share.written = Optional.of(new Sight.Seen<>(new Beacon(SELF, 1, 1)));
        run(2);
        assertEvidence(State.LOST, Reason.STALE_VIEW);
        assertThat(watch.beacon()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 0 8:1 / / rw - ext4 /dev/sda1 rw | NOT_MOUNTED",
                "41 0 8:1 / /mnt/wso2 rw - ext4 /dev/sda1 rw | WRONG_TYPE",
                "41 0 0:9 / /mnt/wso2 rw - nfs4 backup:/wso2 rw | WRONG_EXPORT"
            })
    void whatTheMountTableSaysLosesTheShareInTheSameTurn(String line, Reason reason) {
        watch = watch(Optional.of(new ExpectedMount("/mnt/wso2", "nfs4", "filer:/wso2")));
        proveIt();
        table = line;
        second += 0.1;
        turn();
        assertEvidence(State.LOST, reason);
        assertThat(evidence().observedAt()).isEqualTo(now());
        table = MOUNTED.formatted(42, "rw");
        second += 0.1;
        step();
        step();
        assertEvidence(State.PROVEN, Reason.OK);
    }

    @Test
    void aMountThatTurnsReadOnlyIsNotWritableInTheSameTurn() {
        watch = watch(Optional.of(new ExpectedMount("/mnt/wso2", "nfs4", "filer:/wso2")));
        proveIt();
        table = MOUNTED.formatted(40, "ro");
        turn();
        assertEvidence(State.PROVEN, Reason.READ_ONLY);
    }

    @Test
    void aMountTableThatCanNotBeReadProvesNothingWhereOneIsConfigured() {
        proveIt();
        table = "";
        turn();
        assertEvidence(State.PROVEN, Reason.OK);
        watch = watch(Optional.of(new ExpectedMount("/mnt/wso2", "nfs4", "filer:/wso2")));
        step();
        assertEvidence(State.UNKNOWN, Reason.SHARE_IO_ERROR);
    }

    @Test
    void anotherMountIsLookedAtAtOnceThoughNoneIsConfigured() {
        proveIt();
        second += 0.1;
        turn();
        assertThat(probes).isEmpty();
        table = "1 0 8:1 / / rw - ext4 /dev/sda1 rw";
        share.directory = new Sight.Absent<>();
        turn();
        assertEvidence(State.SUSPECT, Reason.SHARE_MISSING);
        assertThat(probes).hasSize(1);
        answerProbes();
        turn();
        assertEvidence(State.LOST, Reason.SHARE_MISSING);
    }

    @Test
    void aScanOfTheMountBeforeIsNoLookAtTheOneThatIsThereNow() {
        turn();
        answerProbes();
        turn();
        assertThat(scans).hasSize(1);
        table = MOUNTED.formatted(41, "rw");
        turn();
        answerScans();
        answerProbes();
        turn();
        assertEvidence(State.PROVEN, Reason.OK);
        assertThat(watch.newer()).isEmpty();
        run(2);
        assertThat(watch.newer()).isPresent();
    }
}
