package io.lockstep.agent.app;

import io.dropwizard.core.setup.Environment;
import io.dropwizard.jetty.setup.ServletEnvironment;
import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.MemberAddress;
import io.lockstep.agent.config.MountInfo;
import io.lockstep.agent.config.TreeConfiguration;
import io.lockstep.agent.http.Adopter;
import io.lockstep.agent.http.AgentServer;
import io.lockstep.agent.http.ConflictResource;
import io.lockstep.agent.http.HealthServlet;
import io.lockstep.agent.http.HttpLimits;
import io.lockstep.agent.http.HttpPorts;
import io.lockstep.agent.http.MemberResource;
import io.lockstep.agent.http.MetricsServlet;
import io.lockstep.agent.http.OperatorResource;
import io.lockstep.agent.http.Restorer;
import io.lockstep.agent.http.StreamRoute;
import io.lockstep.agent.http.Verifier;
import io.lockstep.agent.json.Json;
import io.lockstep.agent.log.FileDecisionLog;
import io.lockstep.agent.loop.Conflicts;
import io.lockstep.agent.loop.ControlLoop;
import io.lockstep.agent.loop.LoopSettings;
import io.lockstep.agent.loop.PeerException;
import io.lockstep.agent.loop.Share;
import io.lockstep.agent.loop.TreeShare;
import io.lockstep.agent.metrics.AgentMetrics;
import io.lockstep.agent.mountio.MountIo;
import io.lockstep.agent.mountio.MountIoLimits;
import io.lockstep.agent.peer.ControlClient;
import io.lockstep.agent.peer.PeerAddress;
import io.lockstep.agent.peer.StreamClient;
import io.lockstep.agent.rsync.RsyncInstallation;
import io.lockstep.agent.rsync.RsyncPull;
import io.lockstep.agent.rsync.RsyncServe;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.StateFiles;
import io.lockstep.agent.tls.NodeIdentity;
import io.lockstep.agent.tls.TlsFiles;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.View;
import io.lockstep.health.AgentSnapshot;
import io.lockstep.health.HealthLimits;
import io.lockstep.health.HealthRules;
import io.lockstep.mount.ExpectedMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running agent: the control loop and its two ports. Started once and stopped once. */
public final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
    private static final String STREAM_PROTOCOL = "lockstep-rsync";
    private static final long MIB = 1L << 20;
    /** The control loop turns ten times a second; ten seconds without a turn is no pause of the garbage collector. */
    private static final Duration LOOP_BEAT = Duration.ofSeconds(10);
    /** What a beacon may take beyond the client's cache: the time between two probes, the server, a busy host. */
    private static final Duration BEACON_MARGIN = Duration.ofSeconds(5);

    private final AgentConfiguration configuration;
    private final InstantSource clock;
    private final StateFiles stateFiles;
    private final FileDecisionLog log;
    private final ControlClient control;
    private final AgentMetrics metrics;
    private final MountIo mountIo;
    private final Scrub scrub;
    private final ControlLoop loop;
    private final AgentServer server;

    /**
     * Builds an agent without opening a port.
     *
     * @param onFatal called when the agent can't go on; the process should end
     * @throws StartFailure when something that it needs is not there
     */
    public Agent(AgentConfiguration configuration, Consumer<Throwable> onFatal) throws StartFailure {
        this.configuration = configuration;
        clock = new MonotonicClock();
        var rsync = rsync(configuration.rsync().command());
        stateFiles = openState(configuration.node().state());
        try {
            log = FileDecisionLog.open(configuration.node().state().resolve("decisions.log"));
            var identity = identity();
            var json = Json.mapper();
            var addresses = addresses();
            control = new ControlClient(
                    identity, addresses.values(), json, clock, ControlClient.DEFAULT_RESPONSE_LIMIT_BYTES);
            metrics = new AgentMetrics();
            var disk = new Disk(configuration, clock);
            var replicaTrees = disk.replicaTrees();
            var loopReference = new AtomicReference<ControlLoop>();
            var corruptions = new Corruptions();
            var contents = disk.contents(disk.stages(), replicaTrees, corruptions);
            var rsyncHome = Files.createDirectories(configuration.node().state().resolve("rsync"));
            scrub = scrub(
                    disk,
                    replicaTrees,
                    corruptions,
                    pulls(
                            disk.scrubWorks(),
                            disk.scrubStages(),
                            replicaTrees,
                            identity,
                            new RsyncPull(rsync, rsyncHome)),
                    () -> Optional.ofNullable(loopReference.get()));
            var replica = disk.replica(replicaTrees, contents, corruptions, scrub::scrubbedAt);
            var conflicts = disk.conflicts(replica);
            mountIo = new MountIo(
                    ShareChild.starter(
                            configuration.node().name(),
                            configuration.trees().get(0).share().isRemote()),
                    Version.current(),
                    disk.childSettings(),
                    MountIoLimits.of(configuration.timing().shareDeadline()),
                    clock);
            var share = disk.share(
                    mountIo,
                    replica,
                    () -> Optional.ofNullable(loopReference.get())
                            .flatMap(running -> running.views().reference()));
            var serving = new RsyncServe(rsync, rsyncHome);
            serving.removeLeftovers();
            var kept = new KeptServing(disk.works(), contents);
            kept.removeLeftovers();
            var peers = new HttpPeers(
                    addresses,
                    control,
                    pulls(disk.works(), disk.stages(), replicaTrees, identity, new RsyncPull(rsync, rsyncHome)));
            var settings = settings();
            loop = new ControlLoop(
                    settings,
                    clock,
                    log,
                    new FileState(
                            stateFiles,
                            configuration.trash().keep(),
                            configuration.trash().generations(),
                            clock),
                    share,
                    new MountInfo()::read,
                    replica,
                    conflicts,
                    disk.inspector(),
                    disk.livePaths(),
                    peers,
                    metrics,
                    onFatal);
            loopReference.set(loop);
            metrics.watchCertificate(identity.expiresAt());
            metrics.watchMountIo(
                    () -> mountIo.counts().stuck(),
                    () -> mountIo.counts().timeouts(),
                    () -> mountIo.counts().restarts(),
                    mountIo::residentBytes);
            metrics.watch(loop::snapshot, settings.peers(), settings.limits(), clock);
            var running = loop;
            var streams = new ReplicaStreams(
                    running::manifest,
                    () -> running.views().replica().map(View::manifest),
                    serving,
                    replicaTrees::root,
                    kept,
                    json,
                    configuration.rsync().timeout());
            var self = settings.node();
            Supplier<List<NodeName>> reachable = () -> reachable(running);
            var bringing = new TargetContent(
                    self,
                    contents,
                    disk.stages(),
                    () -> running.views().replica().map(View::manifest).orElse(Manifest.empty()),
                    () -> running.views()
                            .reference()
                            .map(it -> new TargetContent.Reference(
                                    it, running.views().manifest().orElseThrow())),
                    reachable,
                    peers::pull);
            var restorer =
                    new Restorer(loop, settings.guard(), root -> manifest(running, peers, root), bringing, clock);
            var adopter = new Adopter(loop, settings.guard(), root -> manifest(running, peers, root), bringing);
            server = server(identity, share, conflicts, settings, streams, new Operators(restorer, adopter));
        } catch (IOException e) {
            closeState();
            throw new StartFailure(String.valueOf(e.getMessage()), e);
        } catch (StartFailure | RuntimeException e) {
            closeState();
            throw e;
        }
    }

    /** What operators ask for that takes its time. */
    private record Operators(Restorer restorer, Adopter adopter) {}

    /** What brings content from members into these stages. */
    private ContentPull pulls(
            Map<String, Path> works,
            Map<String, ContentStage> stages,
            Trees replicaTrees,
            NodeIdentity identity,
            RsyncPull rsync) {
        var places = new PullPlaces(works, replicaTrees::root);
        var json = Json.mapper();
        var parcels = new ParcelPull(
                addresses(),
                new StreamClient(identity, json, STREAM_PROTOCOL),
                json,
                rsync,
                places,
                stages,
                configuration.rsync().timeout());
        return new ContentPull(
                parcels, places, stages, clock, configuration.rsync().timeout());
    }

    private Scrub scrub(
            Disk disk,
            Trees replicaTrees,
            Corruptions corruptions,
            ContentPull pulls,
            Supplier<Optional<ControlLoop>> running)
            throws IOException {
        var origins = new KeptOrigins(
                log,
                root -> running.get().flatMap(it -> it.manifest(root)),
                () -> running.get().map(Agent::reachable).orElse(List.of()),
                pulls::pull);
        var store = configuration.store();
        return new Scrub(
                disk.contents(disk.scrubStages(), replicaTrees, corruptions),
                corruptions,
                origins,
                () -> running.get()
                        .flatMap(it -> it.views().replica())
                        .map(View::manifest)
                        .orElse(Manifest.empty()),
                configuration.node().state().resolve("scrubbed"),
                store.scrubEvery(),
                MIB * store.scrubMiBPerSecond(),
                clock);
    }

    private static List<NodeName> reachable(ControlLoop running) {
        return running.snapshot().peers().stream()
                .filter(AgentSnapshot.PeerState::isReachable)
                .map(AgentSnapshot.PeerState::name)
                .toList();
    }

    /** A manifest that this node keeps, or any member that is reached. */
    private static Optional<Manifest> manifest(ControlLoop running, HttpPeers peers, Digest root) {
        var own = running.manifest(root);
        if (own.isPresent()) {
            return own;
        }
        var nearest = running.views().manifest().orElse(Manifest.empty());
        for (var member : reachable(running)) {
            try {
                return Optional.of(peers.manifest(member, root, nearest));
            } catch (PeerException e) {
                LOG.info("{} has no manifest {}: {}", member, root.abbreviated(), e.getMessage());
            }
        }
        return Optional.empty();
    }

    private static RsyncInstallation.Usable rsync(String command) throws StartFailure {
        try {
            var found = RsyncInstallation.probe(command);
            if (found instanceof RsyncInstallation.Usable usable) {
                return usable;
            }
            throw new StartFailure(found.message());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartFailure("interrupted while looking for rsync", e);
        }
    }

    private static StateFiles openState(Path directory) throws StartFailure {
        var opening = StateFiles.open(directory);
        if (opening instanceof StateFiles.Opening.Opened opened) {
            return opened.state();
        }
        throw new StartFailure(
                opening instanceof StateFiles.Opening.InUse inUse
                        ? inUse.message()
                        : ((StateFiles.Opening.Failed) opening).message());
    }

    private NodeIdentity identity() throws IOException, StartFailure {
        var tls = configuration.control().tls();
        var identity = NodeIdentity.load(new TlsFiles(tls.ca(), tls.certificate(), tls.key()), clock);
        if (!identity.nodeName().equals(configuration.node().name())) {
            throw new StartFailure("the certificate " + tls.certificate() + " is of " + identity.nodeName()
                    + ", and node.name is " + configuration.node().name() + ": correct the one or the other");
        }
        return identity;
    }

    private Map<NodeName, PeerAddress> addresses() {
        var addresses = new TreeMap<NodeName, PeerAddress>();
        for (var member : configuration.cluster().members()) {
            addresses.put(new NodeName(member.name()), new PeerAddress(member.name(), member.control()));
        }
        return addresses;
    }

    private LoopSettings settings() {
        var scan = configuration.scan();
        var timing = configuration.timing();
        var guard = configuration.guard();
        return new LoopSettings(
                configuration.cluster().id(),
                new NodeName(configuration.node().name()),
                new NodeName(configuration.cluster().manager()),
                configuration.cluster().members().stream()
                        .map(member -> new NodeName(member.name()))
                        .toList(),
                true,
                RemoteShares.kindOf(configuration),
                configuration.trees().stream().map(Agent::share).toList(),
                scan.probeInterval(),
                scan.interval(),
                scan.replicaInterval(),
                scan.maxShareOfTime(),
                scan.digestAllEvery(),
                timing.lossTimeout(),
                timing.returnAfter(),
                timing.driftGrace(),
                timing.settle(),
                timing.settleShare(),
                timing.exchangeInterval(),
                timing.shareDeadline(),
                timing.attributeCache().plus(BEACON_MARGIN),
                new DeletionGuard(guard.deletions(), guard.deletionShare(), guard.kindFiles()),
                new HealthLimits(
                        LOOP_BEAT,
                        timing.staleAfter(),
                        timing.readyLag(),
                        configuration.cluster().onTotalOutage()),
                Version.current());
    }

    private static TreeShare share(TreeConfiguration tree) {
        var mount = Optional.ofNullable(tree.mount())
                .map(given -> new ExpectedMount(given.point().toString(), given.type(), given.source()));
        return new TreeShare(tree.name(), tree.share().toString(), mount);
    }

    private AgentServer server(
            NodeIdentity identity,
            Share share,
            Conflicts conflicts,
            LoopSettings settings,
            ReplicaStreams streams,
            Operators operators) {
        var names = configuration.cluster().members().stream()
                .map(MemberAddress::name)
                .collect(Collectors.toSet());
        var ops = configuration.ops();
        var ports = new HttpPorts(
                new HttpPorts.Listen(ops.host(), ops.port()),
                new HttpPorts.Listen(
                        configuration.control().host(), configuration.control().port()));
        return new AgentServer(
                ports,
                limits(),
                identity,
                names::contains,
                List.of(new StreamRoute(ParcelPull.RSYNC_PATH, STREAM_PROTOCOL, streams)),
                (environment, servlets) -> register(environment, servlets, share, conflicts, settings, operators));
    }

    private HttpLimits limits() {
        var d = HttpLimits.defaults();
        return new HttpLimits(
                d.requestBodyBytes(),
                d.opsThreads(),
                d.controlThreads(),
                d.opsConnections(),
                d.controlConnections(),
                d.opsIdle(),
                d.controlIdle(),
                configuration.rsync().maxServed(),
                d.streamPayloadBytes(),
                d.streamIdle(),
                d.stop());
    }

    private void register(
            Environment environment,
            ServletEnvironment servlets,
            Share share,
            Conflicts conflicts,
            LoopSettings settings,
            Operators operators) {
        Json.configure(environment.getObjectMapper());
        environment.jersey().register(new MemberResource(loop));
        environment
                .jersey()
                .register(new OperatorResource(
                        loop,
                        new Verifier(loop, share, clock),
                        operators.restorer(),
                        operators.adopter(),
                        settings.limits(),
                        clock));
        environment.jersey().register(new ConflictResource(loop, conflicts));
        health(servlets, "/live", HealthRules::live, settings, false);
        health(servlets, "/ready", HealthRules::ready, settings, true);
        // A load balancer that was given the port alone asks for the root.
        health(servlets, "", HealthRules::ready, settings, true);
        health(servlets, "/manager", HealthRules::manager, settings, false);
        health(servlets, "/worker", HealthRules::worker, settings, false);
        health(servlets, "/writable", HealthRules::writable, settings, false);
        health(servlets, "/mount", HealthRules::mount, settings, false);
        servlets.addServlet("metrics", new MetricsServlet(metrics::scrape)).addMapping("/metrics");
    }

    private void health(
            ServletEnvironment servlets,
            String path,
            HealthServlet.Question question,
            LoopSettings settings,
            boolean takesLag) {
        var servlet = new HealthServlet(question, loop::snapshot, settings.limits(), clock, takesLag);
        servlets.addServlet("health" + path, servlet).addMapping(path);
    }

    /**
     * Opens the ports, then starts the control loop.
     *
     * @throws IOException when a port can't be had; nothing stays open
     */
    public void start() throws IOException {
        server.start();
        loop.start();
        scrub.start();
        var trees = new ArrayList<String>();
        configuration.trees().forEach(tree -> trees.add(tree.name()));
        LOG.info(
                "started node={} role={} cluster={} trees={} version={}",
                configuration.node().name(),
                configuration.isManager() ? "MANAGER" : "WORKER",
                configuration.cluster().id(),
                trees,
                Version.current());
    }

    /**
     * Says on this node, after the start, what an operator says by {@code lockstep adopt}: its own files may give way, and
     * if it is the manager, the share is the first generation.
     */
    public void adopt() {
        if (configuration.isManager()) {
            loop.adoptShare();
        }
        loop.adopt();
    }

    /** Stops both; what is being applied to the replica comes to its end first, within seconds. */
    @Override
    public void close() {
        try {
            scrub.stop();
            loop.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // A share that hangs must hold up nothing: its children are killed, and not waited for.
        mountIo.close();
        server.stop();
        control.close();
        metrics.close();
        closeState();
        LOG.info("stopped node={}", configuration.node().name());
    }

    private void closeState() {
        try {
            stateFiles.close();
        } catch (IOException e) {
            LOG.warn("the state directory was not released", e);
        }
    }
}
