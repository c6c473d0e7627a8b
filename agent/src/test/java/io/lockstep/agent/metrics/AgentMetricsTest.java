package io.lockstep.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.cluster.DriftSummary;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.health.AgentSnapshot;
import io.lockstep.health.HealthLimits;
import io.lockstep.health.StoreState;
import io.lockstep.health.TotalOutage;
import io.lockstep.mount.ErrnoRule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The series of the mount, as Prometheus scrapes them. */
class AgentMetricsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final NodeName PEER = new NodeName("gw2");
    private static final HealthLimits LIMITS =
            new HealthLimits(Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(30), TotalOutage.SERVE);

    private final AgentMetrics metrics = new AgentMetrics();

    @AfterEach
    void closeThem() {
        metrics.close();
    }

    private static AgentSnapshot snapshot(MountEvidence.State state, Reason reason, Duration beaconLag) {
        return new AgentSnapshot(
                NOW,
                NOW,
                new NodeName("gw1"),
                Role.MANAGER,
                new NodeName("gw1"),
                Mode.SHARED,
                Reason.SHARE_EQUAL,
                1,
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Serving.MOUNT,
                new AgentSnapshot.LivePathState(Optional.empty(), Optional.empty()),
                new MountEvidence(state, reason, "seen", NOW, NOW),
                false,
                Optional.empty(),
                Map.of(PEER, beaconLag),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                DriftSummary.NONE,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                0,
                new StoreState(List.of("a file"), 1, 2, Optional.of(3L), Optional.of(NOW)),
                false,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                "test");
    }

    @Test
    void damageOfKeptContentIsCounted() {
        var current = new AtomicReference<>(snapshot(MountEvidence.State.PROVEN, Reason.OK, Duration.ZERO));
        metrics.watch(current::get, List.of(PEER), LIMITS, () -> NOW);

        assertThat(metrics.scrape().lines())
                .contains(
                        "lockstep_store_damaged 1.0",
                        "lockstep_store_mended_total 2.0",
                        "lockstep_trash_bytes 3.0",
                        "lockstep_scrub_timestamp_seconds " + NOW.toEpochMilli() / 1000.0);
    }

    @Test
    void theMountsStateItsReasonAndTheBeaconsLagAreGauges() {
        var current = new AtomicReference<>(snapshot(MountEvidence.State.PROVEN, Reason.OK, Duration.ZERO));
        metrics.watch(current::get, List.of(PEER), LIMITS, () -> NOW);

        assertThat(metrics.scrape().lines())
                .contains(
                        "lockstep_mount_state 1.0",
                        "lockstep_mount_writable 1.0",
                        "lockstep_mount_reason{reason=\"WRONG_EXPORT\",} 0.0",
                        "lockstep_beacon_lag_seconds{peer=\"gw2\",} 0.0");

        current.set(snapshot(MountEvidence.State.PROVEN, Reason.READ_ONLY, Duration.ofMillis(1500)));
        assertThat(metrics.scrape().lines())
                .contains(
                        "lockstep_mount_state 1.0",
                        "lockstep_mount_writable 0.0",
                        "lockstep_mount_reason{reason=\"READ_ONLY\",} 1.0",
                        "lockstep_beacon_lag_seconds{peer=\"gw2\",} 1.5");

        current.set(snapshot(MountEvidence.State.LOST, Reason.WRONG_EXPORT, Duration.ofSeconds(16)));
        assertThat(metrics.scrape().lines())
                .contains(
                        "lockstep_mount_state 3.0",
                        "lockstep_mount_writable 0.0",
                        "lockstep_mount_reason{reason=\"READ_ONLY\",} 0.0",
                        "lockstep_mount_reason{reason=\"WRONG_EXPORT\",} 1.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"EIO", "ESTALE", "ENOTCONN", "EROFS", "ENOSPC", "EACCES", "ECONNREFUSED", "ENOKEY"})
    void everyReasonOfARefusedCallHasItsSeries(String errno) {
        metrics.watch(
                () -> snapshot(MountEvidence.State.LOST, ErrnoRule.reason(errno), Duration.ZERO),
                List.of(PEER),
                LIMITS,
                () -> NOW);

        assertThat(metrics.scrape().lines())
                .contains("lockstep_mount_reason{reason=\"" + ErrnoRule.reason(errno) + "\",} 1.0");
    }

    @Test
    void probesAreTimedAndTheirFindingsCounted() {
        metrics.probed(Duration.ofMillis(20), Reason.OK);
        metrics.probed(Duration.ofSeconds(3), Reason.SHARE_IO_ERROR);
        metrics.shareRefused("EIO");
        metrics.shareRefused("EIO");

        assertThat(metrics.scrape().lines())
                .contains(
                        "lockstep_probe_seconds_count 2.0",
                        "lockstep_probe_seconds_bucket{le=\"0.01\",} 0.0",
                        "lockstep_probe_seconds_bucket{le=\"0.025\",} 1.0",
                        "lockstep_probe_seconds_bucket{le=\"2.5\",} 1.0",
                        "lockstep_probe_seconds_bucket{le=\"5.0\",} 2.0",
                        "lockstep_probe_failures_total{reason=\"SHARE_IO_ERROR\",} 1.0",
                        "lockstep_share_errors_total{errno=\"EIO\",} 2.0")
                .noneMatch(line -> line.contains("reason=\"OK\""));
    }
}
