package io.lockstep.agent.loop;

import io.lockstep.agent.log.FileDecisionLog;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.MemberView;
import io.lockstep.cluster.Serving;
import io.lockstep.digest.Digest;
import io.lockstep.generation.FirstContact;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.View;
import io.lockstep.health.AgentSnapshot;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.health.HealthRules;
import io.lockstep.wire.ConflictReport;
import io.lockstep.wire.Exchange;
import java.io.IOException;
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
    private final Replica replica;
    private final Consumer<Throwable> onFatal;
    private final Ledger ledger;
    private final Workers workers;
    private final ShareWatch shareWatch;
    private final ReplicaWatch replicaWatch;
    private final ReplicaSync replicaSync;
    private final ContactWatch contact;
    private final ManagerDuty managerDuty;
    private final LogFollower follower;
    private final PeerTable peerTable;
    private final NodeDuty nodeDuty;
    private final LoopReport report;
    private final Thread thread;
    private final BlockingQueue<Consumer<Instant>> inbox = new ArrayBlockingQueue<>(INBOX);

    private volatile boolean stopping;
    private volatile AgentSnapshot snapshot;
    private volatile LoopViews views;
    private volatile Optional<FirstContact> contacted = Optional.empty();
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
            Mounts mounts,
            Replica replica,
            Conflicts conflicts,
            Inspector inspector,
            LivePaths livePaths,
            Peers peers,
            LoopListener listener,
            Consumer<Throwable> onFatal)
            throws IOException {
        this.settings = settings;
        this.clock = clock;
        this.state = state;
        this.replica = replica;
        this.onFatal = onFatal;
        var startedAt = clock.instant();
        ledger = new Ledger(log, state);
        workers = new Workers(settings.members().size());
        Runnable wake = this::wake;
        shareWatch = new ShareWatch(
                share,
                mounts,
                settings,
                listener,
                workers.probing(),
                workers.share(),
                wake,
                BeaconWatch.newIncarnation(),
                startedAt);
        replicaWatch = new ReplicaWatch(replica, settings, listener, workers.replica(), wake, startedAt);
        replicaSync = new ReplicaSync(
                replica, share, peers, listener, workers.replica(), workers.share(), workers.peers(), wake);
        contact = new ContactWatch(settings, ledger, peers, workers.peers(), wake);
        managerDuty = new ManagerDuty(
                settings,
                ledger,
                share,
                conflicts,
                inspector,
                contact,
                listener,
                workers.share(),
                workers.replica(),
                workers.peers(),
                wake);
        follower = new LogFollower(peers, settings.manager(), ledger, workers.peers(), wake);
        peerTable = new PeerTable(peers, settings, listener, workers.peers(), wake);
        nodeDuty = new NodeDuty(settings, ledger, livePaths, shareWatch, replicaWatch, replicaSync, listener);
        report = new LoopReport(
                settings,
                startedAt,
                ledger,
                shareWatch,
                replica,
                replicaWatch,
                replicaSync,
                nodeDuty,
                managerDuty,
                follower,
                peerTable);
        views = report.views();
        snapshot = report.snapshot(problem, managerSeenAt, startedAt);
        thread = new Thread(this::run, "control-loop");
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

    /** A manifest that this node keeps, or the one of its replica as it is. Any thread. */
    public Optional<Manifest> manifest(Digest root) {
        return views.manifest()
                .filter(m -> m.root().equals(root))
                .or(() -> state.manifest(root))
                .or(() ->
                        views.replica().map(View::manifest).filter(m -> m.root().equals(root)));
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
        return ask(now -> managerDuty.orders().approve(id, now));
    }

    /** What trees the manager sees before the first generation. Any thread. */
    public Optional<FirstContact> contact() {
        return contacted;
    }

    /** An operator says that the share is the first generation; see {@link ContactWatch}. Any thread. */
    public void adoptShare() {
        // When the inbox is full nothing happens, and the hold that stays tells so.
        inbox.offer(now -> contact.adoptShare());
    }

    /** An operator says that this node's own files may give way to the reference; see {@link NodeContact}. Any thread. */
    public void adopt() {
        inbox.offer(now -> nodeDuty.adopt());
    }

    /** Makes what an operator ordered the next generation; see {@link Targets}. Any thread. */
    public CompletableFuture<TargetOutcome> order(Target target) {
        return ask(now -> new Ordered(managerDuty.orders().order(target))).thenCompose(Ordered::answer);
    }

    /** Has an order wait for an approval. Any thread. */
    public void hold(Hold hold, Target target) {
        // When the inbox is full the operator sees no such hold, and asks again.
        inbox.offer(now -> managerDuty.orders().hold(hold, target));
    }

    /** Refuses a held plan and puts back what it lacks; completes with false when there is none of this id. Any thread. */
    public CompletableFuture<Boolean> reject(String id) {
        return ask(now -> managerDuty.orders().reject(id, now));
    }

    /**
     * Registers the shares that this node sees now as the cluster's; only the manager does. Any thread.
     *
     * @param tree one tree's name; empty for all
     */
    public CompletableFuture<RegisterOutcome> register(Optional<String> tree) {
        return ask(now -> managerDuty.register(tree, shareWatch, now));
    }

    /**
     * Makes the content of a conflict of this node live everywhere, as the next generation; only the manager does. Any
     * thread.
     */
    public CompletableFuture<TargetOutcome> take(ConflictReport.Conflict conflict) {
        return ask(now -> new Ordered(managerDuty.orders().take(conflict))).thenCompose(Ordered::answer);
    }

    /** What an order came to, or will. */
    private record Ordered(CompletableFuture<TargetOutcome> answer) {}

    /** What the control thread is asked between two turns. */
    private interface Question<T> {
        T at(Instant now) throws IOException;
    }

    private <T> CompletableFuture<T> ask(Question<T> question) {
        var answer = new CompletableFuture<T>();
        boolean isTaken = inbox.offer(now -> {
            try {
                answer.complete(question.at(now));
            } catch (IOException e) {
                // Whoever asked is told; the loop goes on, since nothing was decided.
                answer.completeExceptionally(e);
            }
        });
        if (!isTaken) {
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
        var peers = peerTable.states(now);
        if (settings.hasShare()) {
            var shares = ledger.decided().shares();
            shareWatch.turn(new ShareWatch.Told(peers, peerTable.wereAllAsked(), shares), now);
            shareWatch.alignTo(ledger.reference());
            nodeDuty.wantUndecidedShare();
        }
        replicaWatch.turn(now, replicaSync.isBusy());
        try {
            if (settings.isManager()) {
                managerSeenAt = Optional.of(now);
                contact.turn(shareWatch, replicaWatch, peers, now);
                contacted = contact.contact();
                managerDuty.turn(shareWatch, replicaWatch, peers, replicaSync.isBusy(), now);
            } else {
                follow(peers, now);
            }
            nodeDuty.turn(
                    peers, managerDuty.needsStage(), managerDuty.heldBack().root(), now);
            problem = Optional.empty();
        } catch (IOException e) {
            if (!problem.equals(Optional.of(String.valueOf(e.getMessage())))) {
                LOG.error("a decision could not be carried out", e);
            }
            problem = Optional.of(String.valueOf(e.getMessage()));
        }
        nodeDuty.judge(now);
        views = report.views();
        var next = report.snapshot(problem, managerSeenAt, now);
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
        if (follower.turn(manager.filter(PeerState::isReachable), known, now)) {
            shareWatch.want();
            replicaWatch.want();
        }
    }
}
