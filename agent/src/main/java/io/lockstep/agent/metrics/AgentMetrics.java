package io.lockstep.agent.metrics;

import io.lockstep.agent.loop.Change;
import io.lockstep.agent.loop.LoopListener;
import io.lockstep.cluster.MemberView;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.generation.Concern;
import io.lockstep.generation.HeldBack;
import io.lockstep.health.AgentSnapshot;
import io.lockstep.health.HealthLimits;
import io.lockstep.health.HealthRules;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The metrics that docs/metrics.md lists. Gauges read the latest snapshot when Prometheus asks; counters and timers
 * hear from the loop. No label ever holds a path.
 *
 * <p>Micrometer calls its registry on the simpleclient deprecated in favour of the one on the newer client; the text
 * that Prometheus scrapes is the same.
 */
@SuppressWarnings("deprecation")
public final class AgentMetrics implements LoopListener, AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final Timer propagation;
    private final MountMetrics mount;
    private final Counter flips;
    private final Counter hashedFiles;
    private final Counter hashedBytes;

    public AgentMetrics() {
        propagation = Timer.builder("lockstep.propagation")
                .description("From the manager's first sight of a change until all reachable nodes served it")
                .publishPercentileHistogram(false)
                .serviceLevelObjectives(seconds(0.5, 1, 2, 5, 10, 20, 30, 60))
                .register(registry);
        mount = new MountMetrics(registry);
        flips = Counter.builder("lockstep.live.flips")
                .description("How often the live paths were led to the other side")
                .register(registry);
        hashedFiles = Counter.builder("lockstep.scan.hashed.files")
                .description("Files read by scans to compute their digest")
                .register(registry);
        hashedBytes = Counter.builder("lockstep.scan.hashed")
                .baseUnit("bytes")
                .description("Bytes read by scans to compute digests")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
    }

    private static Duration[] seconds(double... values) {
        var durations = new Duration[values.length];
        for (int i = 0; i < values.length; i++) {
            durations[i] = Duration.ofMillis((long) (values[i] * 1000));
        }
        return durations;
    }

    /** Adds the gauges, which ask {@code snapshot}. Called once, when the loop is there. */
    public void watch(
            Supplier<AgentSnapshot> snapshot, List<NodeName> peers, HealthLimits limits, InstantSource clock) {
        gauge(
                "lockstep.mode",
                "1 SHARED, 2 RSYNC, 3 RECONCILING, 4 HOLD",
                snapshot,
                s -> s.mode().metricValue());
        gauge("lockstep.manager", "1 when this node is the manager", snapshot, s -> s.role() == Role.MANAGER ? 1 : 0);
        gauge("lockstep.epoch", "The manager's epoch; 0 before the first", snapshot, AgentSnapshot::epoch);
        gauge("lockstep.log.index", "The last entry of the decision log here", snapshot, AgentSnapshot::logIndex);
        gauge(
                "lockstep.generation.reference.seq",
                "The reference's seq; 0 before the first",
                snapshot,
                s -> s.reference().map(g -> g.id().seq()).orElse(0L));
        gauge(
                "lockstep.generation.applied.seq",
                "The seq that the replica last held",
                snapshot,
                s -> s.applied().map(id -> id.seq()).orElse(0L));
        gauge(
                "lockstep.serving",
                "0 absent, 1 mount, 2 replica, 3 elsewhere",
                snapshot,
                s -> s.serving().metricValue());
        gauge(
                "lockstep.ready",
                "1 when /ready answers 200",
                snapshot,
                s -> HealthRules.ready(s, limits, clock.instant()).ok() ? 1 : 0);
        gauge(
                "lockstep.evidence.timestamp.seconds",
                "When what the Gateway reads was last looked at; 0 never",
                snapshot,
                s -> epochSeconds(s.served().map(AgentSnapshot.Look::at)));
        gauge(
                "lockstep.loop.timestamp.seconds",
                "When the control loop last turned",
                snapshot,
                s -> epochSeconds(Optional.of(s.beatAt())));
        gauge(
                "lockstep.behind.since.timestamp.seconds",
                "Since when it serves something else than the reference; 0 when it serves it",
                snapshot,
                s -> epochSeconds(s.behindSince()));
        gauge(
                "lockstep.served.files",
                "Files in the tree that the Gateway reads",
                snapshot,
                s -> s.served().map(AgentSnapshot.Look::files).orElse(0L));
        gauge(
                "lockstep.holds",
                "Plans that wait for an operator",
                snapshot,
                s -> s.holds().size());
        gauge("lockstep.conflicts", "Entries in the conflict store", snapshot, AgentSnapshot::conflicts);
        gauge(
                "lockstep.held.back.paths",
                "Paths that are not published yet",
                snapshot,
                s -> s.heldBack().size());
        for (var why : HeldBack.Why.values()) {
            Gauge.builder(
                            "lockstep.held.back.paths.by.why",
                            () -> snapshot.get().heldBack().stream()
                                    .filter(held -> held.why() == why)
                                    .count())
                    .description("Paths that are not published yet, by why")
                    .tag("why", why.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        for (var kind : Concern.Kind.values()) {
            Gauge.builder(
                            "lockstep.concerns",
                            () -> snapshot.get().concerns().stream()
                                    .filter(concern -> concern.kind() == kind)
                                    .count())
                    .description("Published paths that a Gateway may misunderstand")
                    .tag("kind", kind.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        gauge(
                "lockstep.reported.paths",
                "Paths left out that people should know of",
                snapshot,
                s -> s.left().size());
        gauge(
                "lockstep.problem",
                "1 when the node could not do what it decided",
                snapshot,
                s -> s.replicaProblem().isPresent() ? 1 : 0);
        kept(snapshot);
        drift(snapshot, "missing", s -> s.drift().missing());
        drift(snapshot, "extra", s -> s.drift().extra());
        drift(snapshot, "changed", s -> s.drift().changed());
        drift(snapshot, "unknown", s -> s.drift().unknown());
        mount.watch(snapshot, peers);
        peers.forEach(peer -> watchPeer(snapshot, peer));
    }

    private void kept(Supplier<AgentSnapshot> snapshot) {
        gauge(
                "lockstep.store.damaged",
                "Kept files whose bytes are not what they were, and that are not mended yet",
                snapshot,
                s -> s.store().damagedCount());
        FunctionCounter.builder(
                        "lockstep.store.mended", snapshot, s -> s.get().store().mended())
                .description("Kept files that were damaged and got their bytes again")
                .register(registry);
        Gauge.builder(
                        "lockstep.trash.bytes",
                        () -> snapshot.get()
                                .store()
                                .bytes()
                                .map(Long::doubleValue)
                                .orElse(Double.NaN))
                .description("What the trash holds; NaN when that can't be told")
                .register(registry);
        gauge(
                "lockstep.scrub.timestamp.seconds",
                "When every kept file was last digested anew; 0 never",
                snapshot,
                s -> epochSeconds(s.store().scrubbedAt()));
    }

    /**
     * Adds what became of the child processes that touch the share. Called once.
     *
     * @param stuck killed and still there
     * @param timeouts calls that hung, so far
     * @param restarts children that took the place of another one, so far
     * @param residentBytes of the one that takes calls; 0 while there is none
     */
    public void watchMountIo(
            IntSupplier stuck, LongSupplier timeouts, LongSupplier restarts, LongSupplier residentBytes) {
        mount.watchIo(stuck, timeouts, restarts, residentBytes);
    }

    /** Adds the gauge that tells when this node's certificate ends. Called once. */
    public void watchCertificate(Instant expiresAt) {
        Gauge.builder("lockstep.certificate.expiry.timestamp.seconds", () -> epochSeconds(Optional.of(expiresAt)))
                .description("When this node's certificate expires")
                .register(registry);
    }

    private void watchPeer(Supplier<AgentSnapshot> snapshot, NodeName peer) {
        // It is there from the start, or nobody could see that it grew from nothing.
        rejections(peer);
        Gauge.builder(
                        "lockstep.peer.reachable",
                        () -> peerState(snapshot, peer)
                                        .filter(AgentSnapshot.PeerState::isReachable)
                                        .isPresent()
                                ? 1
                                : 0)
                .description("1 when the last exchange with this member worked")
                .tag("peer", peer.value())
                .register(registry);
        Gauge.builder(
                        "lockstep.peer.heard.timestamp.seconds",
                        () -> epochSeconds(peerState(snapshot, peer).flatMap(AgentSnapshot.PeerState::heardAt)))
                .description("When this member last told of itself; 0 never")
                .tag("peer", peer.value())
                .register(registry);
        Gauge.builder(
                        "lockstep.peer.lag.seconds",
                        () -> peerState(snapshot, peer)
                                .flatMap(AgentSnapshot.PeerState::view)
                                .map(MemberView::lagSeconds)
                                .orElse(0.0))
                .description("For how long this member has been serving something else than the reference")
                .tag("peer", peer.value())
                .register(registry);
    }

    private static Optional<AgentSnapshot.PeerState> peerState(Supplier<AgentSnapshot> snapshot, NodeName peer) {
        return snapshot.get().peers().stream()
                .filter(state -> state.name().equals(peer))
                .findFirst();
    }

    private void drift(Supplier<AgentSnapshot> snapshot, String kind, ToDoubleFunction<AgentSnapshot> value) {
        Gauge.builder("lockstep.drift.paths", () -> value.applyAsDouble(snapshot.get()))
                .description("Confirmed differences between what the Gateway reads and the reference")
                .tag("kind", kind)
                .register(registry);
    }

    private void gauge(
            String name, String help, Supplier<AgentSnapshot> snapshot, ToDoubleFunction<AgentSnapshot> value) {
        Gauge.builder(name, () -> value.applyAsDouble(snapshot.get()))
                .description(help)
                .register(registry);
    }

    private static double epochSeconds(Optional<Instant> at) {
        return at.map(instant -> instant.toEpochMilli() / 1000.0).orElse(0.0);
    }

    /** The text that Prometheus scrapes. */
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void probed(Duration took, Reason found) {
        mount.probed(took, found);
    }

    @Override
    public void shareRefused(String error) {
        mount.refused(error);
    }

    @Override
    public void scanned(Place place, Duration took, int files, long bytes) {
        Timer.builder("lockstep.scan")
                .description("Scans that ended well")
                .tag("place", name(place))
                .register(registry)
                .record(took);
        hashedFiles.increment(files);
        hashedBytes.increment((double) bytes);
    }

    @Override
    public void scanFailed(Place place, String reason) {
        Counter.builder("lockstep.scan.failures")
                .description("Scans that could not see the whole tree")
                .tag("place", name(place))
                .tag("reason", reason)
                .register(registry)
                .increment();
    }

    @Override
    public void propagated(Duration took) {
        propagation.record(took);
    }

    @Override
    public void staged(Source source, boolean complete, Duration took) {
        Timer.builder("lockstep.staging")
                .description("Attempts to bring content into the stage")
                .tag("source", source.name().toLowerCase(Locale.ROOT))
                .tag("outcome", complete ? "complete" : "incomplete")
                .register(registry)
                .record(took);
    }

    @Override
    public void rejected(NodeName peer) {
        rejections(peer).increment();
    }

    private Counter rejections(NodeName peer) {
        return Counter.builder("lockstep.pull.rejected")
                .description("Pulls from a member that sent something else than the generation has")
                .tag("peer", peer.value())
                .register(registry);
    }

    @Override
    public void changed(Place place, Change change, Duration took) {
        Timer.builder("lockstep.apply")
                .description("Changes to the replica or the share")
                .tag("place", name(place))
                .tag("outcome", change.problem().isEmpty() ? "complete" : "incomplete")
                .register(registry)
                .record(took);
        entries(place, "written", change.written());
        entries(place, "trashed", change.trashed());
        entries(place, "preserved", change.preserved());
    }

    private void entries(Place place, String effect, int count) {
        Counter.builder("lockstep.apply.entries")
                .description(
                        "Entries that were written or removed, old contents that went to the trash, and foreign ones kept as conflicts")
                .tag("place", name(place))
                .tag("effect", effect)
                .register(registry)
                .increment(count);
    }

    @Override
    public void flipped() {
        flips.increment();
    }

    @Override
    public void exchanged(boolean answered) {
        Counter.builder("lockstep.exchanges")
                .description("Exchanges with members")
                .tag("outcome", answered ? "answered" : "failed")
                .register(registry)
                .increment();
    }

    private static String name(Place place) {
        return place.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }
}
