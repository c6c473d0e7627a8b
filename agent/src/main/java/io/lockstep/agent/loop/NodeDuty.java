package io.lockstep.agent.loop;

import io.lockstep.cluster.Mode;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.View;
import io.lockstep.health.AgentSnapshot;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.mode.NodeInput;
import io.lockstep.mode.NodeMachine;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every node does, the manager too: it leads its live paths where {@link NodeMachine} says, brings its replica to
 * the reference, and judges what its Gateway reads. Only the control thread calls the methods.
 */
final class NodeDuty {
    private static final Logger LOG = LoggerFactory.getLogger(NodeDuty.class);

    private final LoopSettings settings;
    private final Ledger ledger;
    private final LivePaths livePaths;
    private final ShareWatch shareWatch;
    private final ReplicaWatch replicaWatch;
    private final ReplicaSync replicaSync;
    private final DriftWatch driftWatch = new DriftWatch();
    private final NodeContact contact;
    private final InStep inStep;
    private final LoopListener listener;
    private Serving serving;
    private Instant replicaChangedAt = Instant.MIN;
    private Optional<Instant> behindSince = Optional.empty();
    private Optional<String> flipProblem = Optional.empty();

    NodeDuty(
            LoopSettings settings,
            Ledger ledger,
            LivePaths livePaths,
            ShareWatch shareWatch,
            ReplicaWatch replicaWatch,
            ReplicaSync replicaSync,
            LoopListener listener) {
        this.settings = settings;
        this.ledger = ledger;
        this.livePaths = livePaths;
        this.shareWatch = shareWatch;
        this.replicaWatch = replicaWatch;
        this.replicaSync = replicaSync;
        this.listener = listener;
        contact = new NodeContact(ledger);
        inStep = new InStep(settings, ledger);
        serving = livePaths.serving();
    }

    Serving serving() {
        return serving;
    }

    /** Since when the node has been serving something else than the reference; empty while it serves it. */
    Optional<Instant> behindSince() {
        return behindSince;
    }

    /** What is to be known of the live paths besides where they lead. */
    AgentSnapshot.LivePathState livePath() {
        return new AgentSnapshot.LivePathState(livePaths.limit(), flipProblem);
    }

    DriftWatch.Confirmed drift() {
        return driftWatch.confirmed();
    }

    /** The last look at what the Gateway reads. */
    Optional<LookHistory.Look> servedLook() {
        return switch (serving) {
            case MOUNT -> shareWatch.newer();
            case REPLICA -> replicaWatch.newer();
            case ELSEWHERE, ABSENT -> Optional.empty();
        };
    }

    /**
     * Leads the live paths and brings the replica on.
     *
     * @param needsStage whether the stage holds content of a generation that is not committed yet
     * @param heldBackRoot this node's own, if it is the manager
     * @throws IOException when the mark can't be written
     */
    void turn(List<PeerState> peers, boolean needsStage, Optional<Digest> heldBackRoot, Instant now)
            throws IOException {
        inStep.hear(peers, heldBackRoot);
        var reference = ledger.reference();
        var replicaView = replicaWatch.newer().map(LookHistory.Look::view);
        boolean replicaShowsReference = shows(replicaView, reference);
        if (replicaShowsReference && !replicaSync.isBusy()) {
            ledger.markApplied();
            if (replicaSync.hasUsedStage() && !needsStage) {
                replicaSync.clearStage();
            }
        }
        if (needsStage) {
            replicaSync.useStage();
        }
        lookWhereTheyLead();
        var decision = NodeMachine.decide(new NodeInput(
                settings.isManager() ? Role.MANAGER : Role.WORKER,
                ledger.decided().mode(),
                serving,
                shareWatch.evidence().state(),
                shareWatch.isProvenFor(settings.returnAfter(), now),
                settings.shareKind().isMounted() && mayBeServed(shareWatch.newer(), reference),
                replicaShowsReference,
                shows(replicaView, ledger.applied()),
                ledger.hasAppliedReference(),
                reference.isPresent()));
        flipProblem = decision.flip().flatMap(this::flip);
        boolean changed = replicaSync.turn(holders(peers), now);
        if (changed) {
            replicaChangedAt = now;
            replicaWatch.want();
        }
        startSync(decision.syncReplica(), replicaShowsReference, peers, now);
    }

    /** See {@link NodeContact}. */
    void adopt() {
        contact.adopt();
    }

    /** Why the replica is left as it is; empty when it is not. */
    Optional<String> contactProblem() {
        return contact.problem(seenReplica());
    }

    private Optional<Manifest> seenReplica() {
        return replicaWatch.newer().map(look -> look.view().manifest());
    }

    private void startSync(boolean wanted, boolean replicaShowsReference, List<PeerState> peers, Instant now) {
        if (contact.mustWait(seenReplica())) {
            return;
        }
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
        replicaSync.start(ledger.decided().reference().orElseThrow(), reference, seen, known, provenShare(peers), now);
    }

    /** What the share shows, to copy from: never from one that is only suspected. */
    private Optional<View> provenShare(List<PeerState> peers) {
        if (!settings.scansShare()) {
            // Members come first, for the server's sake. Where none holds it, the share should have what it should
            // have.
            boolean mayAsk = ledger.decided().mode() == Mode.SHARED
                    && shareWatch.evidence().isProven()
                    && holders(peers).isEmpty();
            return mayAsk ? ledger.reference().map(View::of) : Optional.empty();
        }
        return shareWatch.evidence().isProven() ? shareWatch.newer().map(LookHistory.Look::view) : Optional.empty();
    }

    private static boolean shows(Optional<View> view, Optional<Manifest> manifest) {
        return view.isPresent()
                && manifest.isPresent()
                && view.get().manifest().equals(manifest.get())
                && view.get().canTellAll(manifest.get());
    }

    /**
     * Whether the mount shows the reference. A Gateway that reads nothing yet is also led to a mount whose invalid files
     * the manager holds back: all see those, and can do nothing about it. One that reads a replica is not, since it
     * would be shown other content.
     */
    private boolean mayBeServed(Optional<LookHistory.Look> look, Optional<Manifest> reference) {
        var view = look.map(LookHistory.Look::view);
        return shows(view, reference) || (serving == Serving.ABSENT && inStep.shows(view));
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

    private Optional<String> flip(Serving to) {
        var problem = livePaths.flip(to);
        if (problem.isPresent() && !problem.equals(flipProblem)) {
            LOG.warn("live paths stay at={} wanted={} problem={}", serving, to, problem.get());
        }
        lookWhereTheyLead();
        return problem;
    }

    /** Notices every change, whoever made it: a flip may be done later, and an unmount uncovers what lies beneath. */
    private void lookWhereTheyLead() {
        var from = serving;
        serving = livePaths.serving();
        if (serving == from) {
            return;
        }
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

    /**
     * On a mount that is served, what differs is looked at again soon; one that no Gateway reads deserves the same from
     * the manager, while it is the authority or is being written. What a person has to decide can wait.
     */
    void wantUndecidedShare() {
        if (settings.shareKind().isMounted() || !settings.isManager()) {
            return;
        }
        var mode = ledger.decided().mode();
        var reference = ledger.reference();
        boolean isUndecided = mode == Mode.SHARED || mode == Mode.RECONCILING || reference.isEmpty();
        boolean differs = shareWatch
                .newer()
                .map(LookHistory.Look::view)
                .filter(view -> !Optional.of(view.manifest()).equals(reference))
                .isPresent();
        boolean isUnread = shareWatch
                .newer()
                .filter(look -> !look.view().blind(View.BlindSpot.UNSTABLE).isEmpty())
                .isPresent();
        if (isUndecided && isUnread) {
            shareWatch.want();
        } else if (isUndecided && differs) {
            shareWatch.confirm();
        }
    }

    /** Holds what the Gateway reads against the reference. */
    void judge(Instant now) {
        var look = servedLook();
        var reference = ledger.reference();
        if (look.isEmpty() || reference.isEmpty()) {
            return;
        }
        var view = look.map(LookHistory.Look::view);
        // What is held back on a replica of a worker's is the worker's own, and is put back.
        boolean mayShowMore = serving == Serving.MOUNT || settings.isManager();
        var expected =
                mayShowMore && inStep.shows(view) ? view.map(View::manifest).orElseThrow() : reference.get();
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
}
