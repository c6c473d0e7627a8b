package io.lockstep.agent.loop;

import io.lockstep.agent.log.FileDecisionLog;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.MemberView;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.View;
import io.lockstep.health.AgentSnapshot;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.health.HealthRules;
import io.lockstep.mode.NodeInput;
import io.lockstep.mode.NodeMachine;
import io.lockstep.wire.Exchange;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's one control thread. Each turn collects what others finished, asks the pure core, makes durable what it
 * decided, starts the effects, and publishes an immutable snapshot. It never touches the share, and never waits for
 * anything longer than a local disk.
 */
public final class ControlLoop {
    private static final Logger LOG = LoggerFactory.getLogger(ControlLoop.class);
    private static final int INBOX = 1024;
    /** The longest time between two turns: it bounds how late the loop notices that a time is over. */
    private static final Duration BEAT = Duration.ofMillis(100);

    private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

    private final LoopSettings settings;
    private final InstantSource clock;
    private final State state;
    private final LivePaths livePaths;
    private final Replica replica;
    private final Consumer<Throwable> onFatal;
    private final Ledger ledger;
    private final Workers workers;
    private final ShareWatch shareWatch;
    private final ReplicaWatch replicaWatch;
    private final ReplicaSync replicaSync;
    private final ManagerDuty managerDuty;
    private final LogFollower follower;
    private final PeerTable peerTable;
    private final DriftWatch driftWatch;
    private final LoopListener listener;
    private final Instant startedAt;
    private final Thread thread;
    private final BlockingQueue<Consumer<Instant>> inbox = new ArrayBlockingQueue<>(INBOX);

    private volatile boolean stopping;
    private volatile AgentSnapshot snapshot;
    private volatile LoopViews views;
    private Serving serving;
    private Instant replicaChangedAt = Instant.MIN;
    private Optional<Instant> behindSince = Optional.empty();
    private Optional<Instant> managerSeenAt = Optional.empty();
    private Optional<String> problem = Optional.empty();

    /**
     * @param onFatal called once, on the control thread, when it can't go on; the process should end
     * @throws IOException when the state can't be read; the message says what to do
     */
    public ControlLoop(
            LoopSettings settings,
            InstantSource clock,
            FileDecisionLog log,
            State state,
            Share share,
            Replica replica,
            Inspector inspector,
            LivePaths livePaths,
            Peers peers,
            LoopListener listener,
            Consumer<Throwable> onFatal)
            throws IOException {
        this.settings = settings;
        this.clock = clock;
        this.state = state;
        this.livePaths = livePaths;
        this.replica = replica;
        this.listener = listener;
        this.onFatal = onFatal;
        startedAt = clock.instant();
        ledger = new Ledger(log, state);
        workers = new Workers(settings.members().size());
        Runnable wake = this::wake;
        shareWatch = new ShareWatch(
                share, settings, listener, workers.probing(), workers.share(), wake, incarnation(), startedAt);
        replicaWatch = new ReplicaWatch(replica, settings, listener, workers.replica(), wake, startedAt);
        replicaSync = new ReplicaSync(
                replica, share, peers, listener, workers.replica(), workers.share(), workers.peers(), wake);
        managerDuty =
                new ManagerDuty(settings, ledger, share, inspector, listener, workers.share(), workers.replica(), wake);
        follower = new LogFollower(peers, settings.manager(), ledger, workers.peers(), wake);
        peerTable = new PeerTable(peers, settings, listener, workers.peers(), wake);
        driftWatch = new DriftWatch();
        serving = livePaths.serving();
        views = new LoopViews(serving, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        snapshot = take(startedAt);
        thread = new Thread(this::run, "control-loop");
    }

    /** Tells this agent's beacons from those of the same node before it was started again. */
    private static long incarnation() {
        long random = new SecureRandom().nextLong();
        return random == 0 ? 1 : random;
    }

    /** Puts away what a crash may have left, then starts the thread. */
    public void start() {
        var known = new ArrayList<Manifest>();
        ledger.applied().ifPresent(known::add);
        ledger.reference().ifPresent(known::add);
        var reference = ledger.decided().reference();
        // It runs before any scan or change of the replica, because they share one thread.
        reference.ifPresent(generation -> workers.replica().execute(() -> replica.recover(generation, known)));
        thread.start();
    }

    /** Ends the loop. What is being applied to the replica gets five seconds to come to its end. */
    public void stop() throws InterruptedException {
        stopping = true;
        wake();
        thread.join();
        workers.stop(STOP_PATIENCE);
    }

    /** The latest snapshot. Any thread. */
    public AgentSnapshot snapshot() {
        return snapshot;
    }

    /** The trees of the latest turn. Any thread. */
    public LoopViews views() {
        return views;
    }

    /** The decision log, to read. Any thread. */
    public FileDecisionLog log() {
        return ledger.log();
    }

    /** A manifest that this node keeps. Any thread. */
    public Optional<Manifest> manifest(Digest root) {
        return views.manifest().filter(m -> m.root().equals(root)).or(() -> state.manifest(root));
    }

    /** What this node tells members of itself. Any thread. */
    public MemberView memberView() {
        return HealthRules.memberView(snapshot, settings.limits(), clock.instant());
    }

    /** Takes a member's message and answers with this node's view. Any thread. */
    public Exchange exchange(Exchange theirs) {
        // When the inbox is full the message is lost; the next one comes within the interval.
        inbox.offer(now -> {
            peerTable.heard(theirs.member(), now);
            hinted(theirs.hints());
        });
        return new Exchange(memberView(), List.of());
    }

    /** Approves a held plan; completes with false when there is none of this id. Any thread. */
    public CompletableFuture<Boolean> approve(String id) {
        var answer = new CompletableFuture<Boolean>();
        if (!inbox.offer(now -> answer.complete(managerDuty.approve(id, now)))) {
            answer.completeExceptionally(new IllegalStateException("the control loop is overloaded"));
        }
        return answer;
    }

    /** Runs a scan that reuses no digest at what the Gateway reads, and completes with what it saw. Any thread. */
    public CompletableFuture<TreeScan> scanServed(Share share, ScanProgress progress) {
        var answer = new CompletableFuture<TreeScan>();
        boolean onMount = views.serving() == Serving.MOUNT;
        var executor = onMount ? workers.share() : workers.replica();
        executor.execute(() -> {
            try {
                answer.complete(
                        onMount ? share.scan(Map.of(), true, progress) : replica.scan(Map.of(), true, progress));
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    private void wake() {
        // A full inbox wakes the loop as well.
        inbox.offer(now -> {});
    }

    private void run() {
        try {
            while (!stopping) {
                var now = clock.instant();
                turn(now);
                var message = inbox.poll(BEAT.toMillis(), TimeUnit.MILLISECONDS);
                while (message != null) {
                    message.accept(clock.instant());
                    message = inbox.poll();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            LOG.error("the control loop failed and the agent ends", e);
            onFatal.accept(e);
        }
    }

    private void turn(Instant now) {
        if (settings.hasShare()) {
            shareWatch.turn(now);
        }
        replicaWatch.turn(now, replicaSync.isBusy());
        var peers = peerTable.states(now);
        try {
            if (settings.isManager()) {
                managerSeenAt = Optional.of(now);
                managerDuty.turn(shareWatch, replicaWatch, peers, replicaSync.isBusy(), now);
            } else {
                follow(peers, now);
            }
            serveAndSync(peers, now);
            problem = Optional.empty();
        } catch (IOException e) {
            if (!problem.equals(Optional.of(String.valueOf(e.getMessage())))) {
                LOG.error("a decision could not be carried out", e);
            }
            problem = Optional.of(String.valueOf(e.getMessage()));
        }
        judge(peers, now);
        var next = take(now);
        snapshot = next;
        managerDuty.watchSpreading(next.served().map(AgentSnapshot.Look::root), peers, now);
        var mine = HealthRules.memberView(next, settings.limits(), now);
        hinted(peerTable.turn(mine, shareWatch.takeChanges(Exchange.MAX_HINTS), now));
    }

    private void hinted(List<EntryPath> hints) {
        if (!hints.isEmpty()) {
            shareWatch.want();
        }
    }

    private void follow(List<PeerState> peers, Instant now) throws IOException {
        var manager = peers.stream()
                .filter(peer -> peer.name().equals(settings.manager()))
                .findFirst();
        manager.flatMap(PeerState::heardAt).ifPresent(at -> managerSeenAt = Optional.of(at));
        var known = new ArrayList<Manifest>();
        ledger.reference().ifPresent(known::add);
        shareWatch.newer().ifPresent(look -> known.add(look.view().manifest()));
        replicaWatch.newer().ifPresent(look -> known.add(look.view().manifest()));
        var view = manager.filter(PeerState::isReachable).flatMap(PeerState::view);
        if (follower.turn(view, known, now)) {
            shareWatch.want();
            replicaWatch.want();
        }
    }

    private void serveAndSync(List<PeerState> peers, Instant now) throws IOException {
        var reference = ledger.reference();
        var replicaView = replicaWatch.newer().map(LookHistory.Look::view);
        boolean replicaShowsReference = shows(replicaView, reference);
        if (replicaShowsReference && !replicaSync.isBusy()) {
            ledger.markApplied();
            if (replicaSync.hasUsedStage() && !managerDuty.needsStage()) {
                replicaSync.clearStage();
            }
        }
        serving = livePaths.serving();
        var decided = ledger.decided();
        var decision = NodeMachine.decide(new NodeInput(
                settings.isManager() ? Role.MANAGER : Role.WORKER,
                decided.mode(),
                serving,
                shareWatch.evidence().state(),
                shareWatch.isProvenFor(settings.returnAfter(), now),
                shows(shareWatch.newer().map(LookHistory.Look::view), reference)
                        || showsWhatIsHeldBack(shareWatch.newer().map(LookHistory.Look::view), peers),
                replicaShowsReference,
                shows(replicaView, ledger.applied()),
                reference.isPresent()));
        if (decision.flip().isPresent()) {
            flip(decision.flip().get());
        }
        boolean changed = replicaSync.turn(holders(peers), now);
        if (changed) {
            replicaChangedAt = now;
            replicaWatch.want();
        }
        startSync(decision.syncReplica(), replicaShowsReference, now);
    }

    private void startSync(boolean wanted, boolean replicaShowsReference, Instant now) {
        if (replicaWatch.isScanning()
                || !replicaSync.mayStart(now)
                || replicaWatch.newer().isEmpty()) {
            return;
        }
        // What is known of the replica must be newer than the last change, and a foreign write must have settled.
        boolean isFresh = replicaWatch.newer().get().at().isAfter(replicaChangedAt);
        if (!wanted || replicaShowsReference || !isFresh || !replicaWatch.isSettled()) {
            return;
        }
        var reference = ledger.reference().orElseThrow();
        var seen = replicaWatch.newer().get().view().withBackedUpAs(reference);
        if (seen.manifest().equals(reference)) {
            return;
        }
        var known = new ArrayList<Manifest>();
        ledger.applied().ifPresent(known::add);
        known.add(reference);
        replicaSync.start(
                ledger.decided().reference().orElseThrow(),
                reference,
                seen,
                known,
                shareWatch.newer().map(LookHistory.Look::view),
                now);
    }

    private static boolean shows(Optional<View> view, Optional<Manifest> manifest) {
        return view.isPresent()
                && manifest.isPresent()
                && view.get().manifest().equals(manifest.get())
                && view.get().canTellAll(manifest.get());
    }

    /**
     * Whether a view differs from the reference in nothing but what the manager holds back: this node sees what the
     * manager sees, and can do nothing about it. What the manager said of it holds while it is away.
     */
    private boolean showsWhatIsHeldBack(Optional<View> view, List<PeerState> peers) {
        var reference = ledger.reference();
        if (view.isEmpty() || reference.isEmpty() || !view.get().canTellAll(reference.get())) {
            return false;
        }
        var told = settings.isManager()
                ? managerDuty.heldBackRoot()
                : peers.stream()
                        .filter(peer -> peer.name().equals(settings.manager()))
                        .flatMap(peer -> peer.view().stream())
                        .filter(manager -> manager.reference()
                                .equals(ledger.decided().reference().map(Generation::id)))
                        .findFirst()
                        .flatMap(MemberView::heldBackRoot);
        return told.equals(Optional.of(view.get().manifest().root()));
    }

    private List<NodeName> holders(List<PeerState> peers) {
        var root = ledger.decided().reference().map(g -> g.root());
        return peers.stream()
                .filter(PeerState::isReachable)
                .filter(peer -> root.isPresent()
                        && (peer.view().orElseThrow().replicaRoot().equals(root) || isSource(peer)))
                .map(PeerState::name)
                .toList();
    }

    /**
     * Whether the generation was taken from this member's replica: it holds all that is new, though its replica is not
     * the generation while something in it is held back. Members serve what they hold, and each digest is checked.
     */
    private boolean isSource(PeerState peer) {
        var mode = ledger.decided().mode();
        return peer.name().equals(settings.manager()) && (mode == Mode.RSYNC || mode == Mode.RECONCILING);
    }

    private void flip(Serving to) throws IOException {
        var from = serving;
        livePaths.flip(to);
        serving = livePaths.serving();
        driftWatch.forget();
        listener.flipped();
        LOG.info(
                "live from={} to={} mode={} mount={} reason={}",
                from,
                serving,
                ledger.decided().mode(),
                shareWatch.evidence().state(),
                shareWatch.evidence().reason());
    }

    private Optional<LookHistory.Look> servedLook() {
        return switch (serving) {
            case MOUNT -> shareWatch.newer();
            case REPLICA -> replicaWatch.newer();
            case ELSEWHERE, ABSENT -> Optional.empty();
        };
    }

    private void judge(List<PeerState> peers, Instant now) {
        var look = servedLook();
        var reference = ledger.reference();
        if (look.isEmpty() || reference.isEmpty()) {
            return;
        }
        var view = look.map(LookHistory.Look::view);
        // What is held back on a replica of a worker's is the worker's own, and is put back.
        boolean mayShowMore = serving == Serving.MOUNT || settings.isManager();
        var expected = mayShowMore && showsWhatIsHeldBack(view, peers)
                ? view.map(View::manifest).orElseThrow()
                : reference.get();
        var lagsBehind = serving == Serving.REPLICA ? ledger.applied() : Optional.<Manifest>empty();
        // On the share a change can't be in a generation before it has settled there.
        var grace =
                serving == Serving.MOUNT ? settings.driftGrace().plus(settings.settleShare()) : settings.driftGrace();
        driftWatch.look(look.get(), expected, lagsBehind, grace);
        if (shows(view, Optional.of(expected))) {
            behindSince = Optional.empty();
        } else if (behindSince.isEmpty()) {
            behindSince = Optional.of(now);
        }
        if (!look.get().view().manifest().equals(expected)) {
            // Drift is confirmed, or a generation committed, only by another look.
            wantServedLook();
        }
    }

    private void wantServedLook() {
        if (serving == Serving.MOUNT) {
            shareWatch.confirm();
        } else {
            replicaWatch.want();
        }
    }

    private AgentSnapshot take(Instant now) {
        var decided = ledger.decided();
        var look = servedLook();
        var drift = driftWatch.confirmed();
        views = new LoopViews(
                serving,
                decided.reference(),
                ledger.reference(),
                shareWatch.newer().map(LookHistory.Look::view),
                replicaWatch.newer().map(LookHistory.Look::view));
        var evidence = settings.hasShare()
                ? shareWatch.evidence()
                : new MountEvidence(MountEvidence.State.UNKNOWN, Reason.NO_SHARE, "no share is configured", now, now);
        return new AgentSnapshot(
                startedAt,
                now,
                settings.node(),
                settings.isManager() ? Role.MANAGER : Role.WORKER,
                settings.manager(),
                decided.mode(),
                decided.modeReason(),
                decided.epoch(),
                decided.index(),
                decided.reference(),
                ledger.appliedId(),
                serving,
                evidence,
                look.map(l -> new AgentSnapshot.Look(
                        l.view().manifest().root(), l.at(), l.view().manifest().fileCount(), l.took())),
                replicaWatch.newer().map(l -> l.view().manifest().root()),
                managerDuty.heldBackRoot(),
                behindSince,
                drift.summary(),
                drift.paths(),
                managerDuty.heldBack(),
                managerDuty.concerns(),
                serving == Serving.MOUNT ? shareWatch.reported() : replicaWatch.reported(),
                managerDuty.holds(),
                replica.conflicts(),
                firstProblem(),
                managerSeenAt,
                peerTable.states(now),
                settings.version());
    }

    private Optional<String> firstProblem() {
        return problem.or(replicaWatch::problem)
                .or(replicaSync::problem)
                .or(managerDuty::problem)
                .or(follower::problem);
    }
}
