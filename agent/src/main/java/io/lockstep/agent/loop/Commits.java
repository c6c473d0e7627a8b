package io.lockstep.agent.loop;

import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.health.AgentSnapshot.PeerState;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the manager makes durable: modes and generations, each entry of the log with a line in the agent's. Watches a
 * generation until all nodes serve it. Only the manager's control thread calls the methods.
 */
final class Commits {
    private static final Logger LOG = LoggerFactory.getLogger(Commits.class);

    private final LoopSettings settings;
    private final Ledger ledger;
    private final HeldPlan heldPlan;
    private final LoopListener listener;
    private Optional<Spreading> spreading = Optional.empty();

    /** A generation on its way to all nodes. */
    private record Spreading(Digest root, Instant since) {}

    Commits(LoopSettings settings, Ledger ledger, HeldPlan heldPlan, LoopListener listener) {
        this.settings = settings;
        this.ledger = ledger;
        this.heldPlan = heldPlan;
        this.listener = listener;
    }

    /** Enters a mode unless it is this node's already. */
    void enter(Mode mode, Reason reason, Instant now) throws IOException {
        var decided = ledger.decided();
        // An operator who names another manager in the configuration starts a new term.
        boolean isNewTerm = decided.epoch() > 0 && !ledger.isTermOf(settings.node());
        if (mode != decided.mode() || isNewTerm) {
            write(mode, isNewTerm ? Reason.OPERATOR : reason, now);
        }
    }

    private void write(Mode mode, Reason reason, Instant now) throws IOException {
        var from = ledger.decided().mode();
        ledger.enter(mode, reason, settings.node(), now);
        LOG.info(
                "mode from={} to={} reason={} epoch={}",
                from,
                mode,
                reason,
                ledger.decided().epoch());
    }

    /**
     * Commits a generation that was first seen at {@code seenAt}.
     *
     * @throws IOException when the disk refuses
     */
    Generation commit(Manifest next, Instant seenAt, Instant now) throws IOException {
        var generation = ledger.commit(next, now);
        spreading = Optional.of(new Spreading(generation.root(), seenAt));
        heldPlan.forgetApproval();
        LOG.info(
                "committed generation={} root={} entries={}",
                generation.id(),
                generation.root().abbreviated(),
                next.size());
        return generation;
    }

    /** Commits what was taken from this node's replica, which therefore needn't come to it. */
    void commitReplica(Manifest next, Instant seenAt, Instant now) throws IOException {
        commit(next, seenAt, now);
        ledger.markApplied();
    }

    /**
     * Commits what a merge made of the reference and the share, to which both come afterwards; everything that it needs is
     * staged, and what it leaves out is kept.
     */
    void merge(Manifest merged, Instant now) throws IOException {
        commit(merged, now, now);
    }

    /**
     * Commits a generation that comes from no tree, and whose content is staged. From then on neither the share nor this
     * node's replica is an authority before it has come to that generation: in RECONCILING the share is brought to it,
     * and where there is no share to write to, the cluster lives in RSYNC.
     *
     * @param share what is known of the share
     * @throws IOException when the disk refuses; nothing was committed then
     */
    Generation target(Manifest next, Reason reason, MountEvidence share, Instant now) throws IOException {
        boolean canBeWritten = settings.hasShare()
                && share.state() != MountEvidence.State.LOST
                && (share.isWritable() || !share.isProven());
        // A share that came back waits in RSYNC until most nodes have had it long enough.
        boolean waits = ledger.decided().mode() == Mode.RSYNC;
        var mode = canBeWritten && !waits ? Mode.RECONCILING : Mode.RSYNC;
        var decided = ledger.decided();
        if (mode != decided.mode() || reason != decided.modeReason() || !ledger.isTermOf(settings.node())) {
            write(mode, reason, now);
        }
        return commit(next, now, now);
    }

    /**
     * Makes what the share shows the first generation, so that what follows on it replaces known content.
     *
     * @throws IOException when the disk refuses
     */
    void begin(Manifest share, Instant now) throws IOException {
        write(Mode.SHARED, Reason.OPERATOR, now);
        commit(share, now, now);
    }

    /**
     * Brings the share back to the reference by an operator's word: from then on it is no deletion what it lacks.
     *
     * @throws IOException when the disk refuses
     */
    void putBack(Instant now) throws IOException {
        write(Mode.RECONCILING, Reason.OPERATOR, now);
    }

    /**
     * Tells the listener when all reachable members serve what was last committed.
     *
     * @param heldBackRoot what is held back on the share is seen through a mount all the same
     */
    void watchSpreading(Optional<Digest> ownServed, List<PeerState> peers, Optional<Digest> heldBackRoot, Instant now) {
        if (spreading.isEmpty()) {
            return;
        }
        var root = Optional.of(spreading.get().root());
        boolean everywhere = isServed(ownServed, root, heldBackRoot)
                && peers.stream()
                        .filter(PeerState::isReachable)
                        .allMatch(peer -> isServed(peer.view().orElseThrow().servedRoot(), root, heldBackRoot));
        if (everywhere) {
            listener.propagated(Duration.between(spreading.get().since(), now));
            spreading = Optional.empty();
        }
    }

    private static boolean isServed(Optional<Digest> served, Optional<Digest> root, Optional<Digest> heldBackRoot) {
        return served.equals(root) || (served.isPresent() && served.equals(heldBackRoot));
    }
}
