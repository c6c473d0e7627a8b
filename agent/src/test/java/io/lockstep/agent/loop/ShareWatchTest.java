package io.lockstep.agent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import io.lockstep.health.HealthLimits;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Marker;
import io.lockstep.mount.Probe;
import io.lockstep.mount.Sight;
import io.lockstep.mount.TreeSight;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ShareWatchTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration DEADLINE = SECOND.multipliedBy(10);

    private TreeScan outcome = new TreeScan.Scanned(Map.of());
    private final List<Runnable> waiting = new ArrayList<>();
    private final List<MountEvidence> duringScan = new ArrayList<>();

    /** A share whose marker answers at once; {@code whileScanning} runs in the middle of a scan. */
    private record FakeShare(Runnable whileScanning, Supplier<TreeScan> outcome) implements Share {
        @Override
        public Probe probe(Beacon beacon, List<NodeName> peers) {
            return new Probe.Looked(List.of(new TreeSight(
                    "server",
                    new Sight.Seen<>("1:2"),
                    new Sight.Seen<>(new Marker("prod", "share")),
                    new Sight.Seen<>(beacon),
                    Map.of())));
        }

        @Override
        public TreeScan scan(Map<String, Inventory> previous, boolean everyDigest, ScanProgress progress) {
            whileScanning.run();
            return outcome.get();
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

    private ShareWatch watch(Runnable whileScanning) {
        var settings = new LoopSettings(
                "prod",
                new NodeName("node1"),
                new NodeName("node1"),
                List.of(new NodeName("node1")),
                true,
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
                new DeletionGuard(10, 0.2),
                new HealthLimits(DEADLINE, DEADLINE, DEADLINE),
                "test");
        return new ShareWatch(
                new FakeShare(whileScanning, () -> outcome),
                settings,
                new LoopListener() {},
                Runnable::run,
                waiting::add,
                () -> {},
                1,
                START);
    }

    private static Instant after(int seconds) {
        return START.plusSeconds(seconds);
    }

    @Test
    void aScanThatWaitsForItsThreadIsNoShareThatHangs() {
        var watch = watch(() -> {});
        for (int second = 0; second < 60; second++) {
            watch.turn(after(second));
        }
        assertThat(waiting).hasSize(1);
        assertThat(watch.evidence().isProven()).isTrue();
    }

    @Test
    void aMarkerThatAnswersDoesNotStartTheTimeOfAHangingScanAnew() {
        var watches = new ArrayList<ShareWatch>();
        var watch = watch(() -> {
            for (int second = 2; second < 30; second++) {
                watches.get(0).turn(after(second));
                duringScan.add(watches.get(0).evidence());
            }
        });
        watches.add(watch);
        watch.turn(after(0));
        watch.turn(after(1));
        waiting.remove(0).run();
        var last = duringScan.get(duringScan.size() - 1);
        assertThat(last.reason()).isEqualTo(Reason.SHARE_HUNG);
        assertThat(Duration.between(last.since(), after(29))).isGreaterThan(DEADLINE);

        watch.turn(after(31));
        watch.turn(after(33));
        assertThat(watch.evidence().isProven()).isTrue();
    }

    @Test
    void aMarkerThatAnswersDoesNotHideAScanThatFails() {
        outcome = new TreeScan.Failed(Reason.SHARE_IO_ERROR, "EIO");
        var watch = watch(() -> {});
        for (int second = 0; second < 30; second++) {
            watch.turn(after(second));
            waiting.forEach(Runnable::run);
            waiting.clear();
        }
        assertThat(watch.evidence().reason()).isEqualTo(Reason.SHARE_IO_ERROR);
        assertThat(Duration.between(watch.evidence().since(), after(29))).isGreaterThan(Duration.ofSeconds(20));

        outcome = new TreeScan.Scanned(Map.of());
        for (int second = 30; second < 36; second++) {
            watch.turn(after(second));
            waiting.forEach(Runnable::run);
            waiting.clear();
        }
        assertThat(watch.evidence().isProven()).isTrue();
        assertThat(watch.newer()).isPresent();
    }
}
