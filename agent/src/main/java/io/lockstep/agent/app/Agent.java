package io.lockstep.agent.app;

import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.MountInfo;
import io.lockstep.agent.http.Adopter;
import io.lockstep.agent.http.AgentServer;
import io.lockstep.agent.http.Restorer;
import io.lockstep.agent.json.Json;
import io.lockstep.agent.log.FileDecisionLog;
import io.lockstep.agent.loop.ControlLoop;
import io.lockstep.agent.loop.PeerException;
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
import io.lockstep.generation.Manifest;
import io.lockstep.generation.View;
import io.lockstep.health.AgentSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running agent: the control loop and its two ports. Started once and stopped once. */
public final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
    private static final long MIB = 1L << 20;
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
            var settings = AgentSettings.of(configuration);
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
            server = new AgentPorts(configuration, loop, settings, metrics, clock)
                    .open(identity, share, conflicts, streams, new AgentPorts.Operators(restorer, adopter));
        } catch (IOException e) {
            closeState();
            throw new StartFailure(String.valueOf(e.getMessage()), e);
        } catch (StartFailure | RuntimeException e) {
            closeState();
            throw e;
        }
    }

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
                new StreamClient(identity, json, AgentPorts.STREAM_PROTOCOL),
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
