package io.lockstep.agent.app;

import io.dropwizard.core.setup.Environment;
import io.dropwizard.jetty.setup.ServletEnvironment;
import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.MemberAddress;
import io.lockstep.agent.config.MountInfo;
import io.lockstep.agent.config.TreeConfiguration;
import io.lockstep.agent.http.AgentServer;
import io.lockstep.agent.http.ConflictResource;
import io.lockstep.agent.http.HealthServlet;
import io.lockstep.agent.http.HttpLimits;
import io.lockstep.agent.http.HttpPorts;
import io.lockstep.agent.http.MemberResource;
import io.lockstep.agent.http.MetricsServlet;
import io.lockstep.agent.http.OperatorResource;
import io.lockstep.agent.http.StreamRoute;
import io.lockstep.agent.http.Verifier;
import io.lockstep.agent.json.Json;
import io.lockstep.agent.log.FileDecisionLog;
import io.lockstep.agent.loop.Conflicts;
import io.lockstep.agent.loop.ControlLoop;
import io.lockstep.agent.loop.LoopSettings;
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
import io.lockstep.agent.store.StateFiles;
import io.lockstep.agent.tls.NodeIdentity;
import io.lockstep.agent.tls.TlsFiles;
import io.lockstep.cluster.NodeName;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.View;
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
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running agent: the control loop and its two ports. Started once and stopped once. */
public final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
    private static final String STREAM_PROTOCOL = "lockstep-rsync";
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
            var replica = disk.replica(replicaTrees);
            var conflicts = disk.conflicts(replica);
            var loopReference = new AtomicReference<ControlLoop>();
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
            var rsyncHome = Files.createDirectories(configuration.node().state().resolve("rsync"));
            var serving = new RsyncServe(rsync, rsyncHome);
            serving.removeLeftovers();
            var places = new PullPlaces(disk.works(), replicaTrees::root);
            var parcels = new ParcelPull(
                    addresses,
                    new StreamClient(identity, json, STREAM_PROTOCOL),
                    json,
                    new RsyncPull(rsync, rsyncHome),
                    places,
                    disk.stages(),
                    configuration.rsync().timeout());
            var peers = new HttpPeers(
                    addresses,
                    control,
                    new ContentPull(
                            parcels,
                            places,
                            disk.stages(),
                            clock,
                            configuration.rsync().timeout()));
            var settings = settings();
            loop = new ControlLoop(
                    settings,
                    clock,
                    log,
                    new FileState(stateFiles),
                    share,
                    new MountInfo()::read,
                    replica,
                    conflicts,
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
                    json,
                    configuration.rsync().timeout());
            server = server(identity, share, conflicts, settings, streams);
        } catch (IOException e) {
            closeState();
            throw new StartFailure(String.valueOf(e.getMessage()), e);
        } catch (StartFailure | RuntimeException e) {
            closeState();
            throw e;
        }
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
                timing.exchangeInterval(),
                timing.shareDeadline(),
                timing.attributeCache().plus(BEACON_MARGIN),
                new DeletionGuard(guard.deletions(), guard.deletionShare()),
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
            NodeIdentity identity, Share share, Conflicts conflicts, LoopSettings settings, ReplicaStreams streams) {
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
                (environment, servlets) -> register(environment, servlets, share, conflicts, settings));
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
            LoopSettings settings) {
        Json.configure(environment.getObjectMapper());
        environment.jersey().register(new MemberResource(loop));
        environment
                .jersey()
                .register(new OperatorResource(loop, new Verifier(loop, share, clock), settings.limits(), clock));
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

    /** Stops both; what is being applied to the replica comes to its end first, within seconds. */
    @Override
    public void close() {
        try {
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
