package io.lockstep.agent.metrics;

import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.health.AgentSnapshot;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The metrics of the share and its mount. */
final class MountMetrics {
    /** Why a mount can be anything else than proven and writable. */
    private static final Set<Reason> REASONS = EnumSet.range(Reason.SHARE_MISSING, Reason.SHARE_REMOTE);

    private static final List<Integer> PROBE_MILLIS = List.of(5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000);

    private final MeterRegistry registry;
    private final Timer probes;

    MountMetrics(MeterRegistry registry) {
        this.registry = registry;
        probes = Timer.builder("lockstep.probe")
                .description("Probes of the share that ended, well or not")
                .publishPercentileHistogram(false)
                .serviceLevelObjectives(PROBE_MILLIS.stream()
                        .map(millis -> Duration.ofMillis(millis))
                        .toArray(Duration[]::new))
                .register(registry);
    }

    /** Adds the gauges, which ask {@code snapshot}. Called once. */
    void watch(Supplier<AgentSnapshot> snapshot, List<NodeName> peers) {
        Gauge.builder(
                        "lockstep.mount.state",
                        () -> snapshot.get().mount().state().metricValue())
                .description("0 unknown, 1 proven, 2 suspect, 3 lost")
                .register(registry);
        Gauge.builder("lockstep.mount.writable", () -> snapshot.get().mount().isWritable() ? 1 : 0)
                .description("1 when the share is proven and can be written")
                .register(registry);
        for (var reason : REASONS) {
            Gauge.builder("lockstep.mount.reason", () -> snapshot.get().mount().reason() == reason ? 1 : 0)
                    .description("1 for the reason of the mount's state")
                    .tag("reason", reason.name())
                    .register(registry);
        }
        for (var peer : peers) {
            Gauge.builder("lockstep.beacon.lag.seconds", () -> lagSeconds(snapshot.get(), peer))
                    .description(
                            "For how long a beacon that this member announced has not been seen on this node's mount")
                    .tag("peer", peer.value())
                    .register(registry);
        }
    }

    /** Adds what became of the child processes that touch the share; see {@link AgentMetrics#watchMountIo}. */
    void watchIo(IntSupplier stuck, LongSupplier timeouts, LongSupplier restarts, LongSupplier residentBytes) {
        Gauge.builder("lockstep.mount.io.stuck", stuck::getAsInt)
                .description("Helper processes that were killed because the share hung, and are still there")
                .register(registry);
        FunctionCounter.builder("lockstep.mount.io.timeouts", timeouts, LongSupplier::getAsLong)
                .description("Looks at the share, copies and the like that hung and were given up")
                .register(registry);
        FunctionCounter.builder("lockstep.mount.io.restarts", restarts, LongSupplier::getAsLong)
                .description("Helper processes that took the place of another one")
                .register(registry);
        Gauge.builder("lockstep.mount.io.resident", residentBytes::getAsLong)
                .baseUnit("bytes")
                .description("Memory that the helper process has resident; 0 while there is none")
                .register(registry);
    }

    private static double lagSeconds(AgentSnapshot snapshot, NodeName peer) {
        return snapshot.beaconLags().getOrDefault(peer, Duration.ZERO).toMillis() / 1000.0;
    }

    /** A probe ended; {@link Reason#OK} when it spoke for the share. */
    void probed(Duration took, Reason found) {
        probes.record(took);
        if (found != Reason.OK) {
            Counter.builder("lockstep.probe.failures")
                    .description("Probes that found something wrong with the share")
                    .tag("reason", found.name())
                    .register(registry)
                    .increment();
        }
    }

    /** A probe's call was refused with this symbol of the operating system. */
    void refused(String error) {
        Counter.builder("lockstep.share.errors")
                .description("Calls of probes that the share refused")
                .tag("errno", error)
                .register(registry)
                .increment();
    }
}
