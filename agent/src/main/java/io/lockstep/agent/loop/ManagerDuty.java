package io.lockstep.agent.loop;

import io.lockstep.agent.loop.Candidates.Candidate;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.mode.ModeDecision;
import io.lockstep.mode.ModeInput;
import io.lockstep.mode.ModeMachine;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What only the manager does: it classifies what it sees, asks {@link ModeMachine}, and makes the decision durable
 * before it acts. Content is staged before the generation that names it is committed, so that a committed generation
 * can always be completed.
 */
final class ManagerDuty {
    private static final Logger LOG = LoggerFactory.getLogger(ManagerDuty.class);

    private final LoopSettings settings;
    private final Ledger ledger;
    private final Share share;
    private final LoopListener listener;
    private final Candidates candidates;
    private final HeldPlan heldPlan;
    private final ShareRegistrar registrar;
    private final Background<Staging> staging;
    private final Background<Change> writing;
    private Optional<Candidate> stagingFor = Optional.empty();
    private Optional<Digest> staged = Optional.empty();
    /** When the last write to the share ended. */
    private Instant wroteAt = Instant.MIN;

    private Instant workStartedAt = Instant.MIN;
    private Optional<Spreading> spreading = Optional.empty();
    private List<EntryPath> heldBack = List.of();
    private Optional<String> problem = Optional.empty();

    /** A generation on its way to all nodes. */
    private record Spreading(Digest root, Instant since) {}

    ManagerDuty(
            LoopSettings settings, Ledger ledger, Share share, LoopListener listener, Executor onShare, Runnable wake) {
        this.settings = settings;
        this.ledger = ledger;
        this.share = share;
        this.listener = listener;
        candidates = new Candidates(settings, ledger);
        heldPlan = new HeldPlan(ledger, candidates, settings.shareKind().resolution());
        registrar = new ShareRegistrar(settings, ledger);
        staging = new Background<>(onShare, wake);
        writing = new Background<>(onShare, wake);
    }

    List<Hold> holds() {
        return heldPlan.holds();
    }

    /** The paths that keep the reference's state for now, because they did not settle or can't be told. */
    List<EntryPath> heldBack() {
        return heldBack;
    }

    /** Why the last step did not come to its end; empty when it did. */
    Optional<String> problem() {
        return problem;
    }

    /** Whether the stage holds, or is about to hold, content of a generation that is not committed yet. */
    boolean needsStage() {
        return staging.isRunning() || staged.isPresent();
    }

    /** See {@link HeldPlan#approve}. */
    boolean approve(String id, Instant now) {
        return heldPlan.approve(id, now);
    }

    /** See {@link ShareRegistrar}. */
    RegisterOutcome register(Optional<String> tree, ShareWatch shareWatch, Instant now) throws IOException {
        return registrar.register(tree, shareWatch, now);
    }

    /** Observes, decides, makes durable, acts. */
    void turn(ShareWatch shareWatch, ReplicaWatch replicaWatch, List<PeerState> peers, boolean stageIsBusy, Instant now)
            throws IOException {
        collect(shareWatch, now);
        var reference = ledger.reference().orElse(Manifest.empty());
        candidates.look(shareWatch, replicaWatch, reference);
        var decided = ledger.decided();
        boolean fromShare = decided.mode() == Mode.SHARED || decided.mode() == Mode.HOLD;
        var authority = fromShare ? candidates.ofShare() : candidates.ofReplica();
        heldBack = authority.map(c -> c.next().heldBack()).orElse(List.of());
        var input = new ModeInput(
                decided.mode(),
                shareClass(shareWatch, now),
                shareWatch.evidence().isWritable(),
                fromShare ? candidates.shareAsAuthority() : candidates.shareAsReturned(shareWatch, reference),
                candidates.ofShare().flatMap(Candidate::excess).isPresent(),
                shareWatch.isProvenFor(settings.returnAfter(), now),
                peers.stream().anyMatch(ManagerDuty::provesShare),
                isMajority(shareWatch, peers),
                candidates.replica(replicaWatch, reference),
                ledger.reference().isPresent(),
                heldPlan.isApproved(authority, now));
        act(ModeMachine.decide(input), shareWatch, replicaWatch, reference, stageIsBusy, now);
    }

    private ModeInput.Share shareClass(ShareWatch shareWatch, Instant now) {
        if (!settings.hasShare()) {
            return ModeInput.Share.NOT_CONFIGURED;
        }
        var evidence = shareWatch.evidence();
        return switch (evidence.state()) {
            case PROVEN -> ModeInput.Share.PROVEN;
            case UNKNOWN -> ModeInput.Share.UNKNOWN;
            // It becomes lost, or proven again, by the evidence alone.
            case SUSPECT -> ModeInput.Share.SUSPECT;
            case LOST ->
                Duration.between(evidence.since(), now).compareTo(settings.lossTimeout()) >= 0
                        ? ModeInput.Share.LOST
                        : ModeInput.Share.SUSPECT;
        };
    }

    private static boolean provesShare(PeerState peer) {
        return peer.isReachable() && peer.view().orElseThrow().provesShare();
    }

    private static boolean isMajority(ShareWatch shareWatch, List<PeerState> peers) {
        long reachable = 1 + peers.stream().filter(PeerState::isReachable).count();
        long proving = peers.stream().filter(ManagerDuty::provesShare).count();
        return shareWatch.evidence().isProven() && 2 * (proving + 1) > reachable;
    }

    private void act(
            ModeDecision decision,
            ShareWatch shareWatch,
            ReplicaWatch replicaWatch,
            Manifest reference,
            boolean stageIsBusy,
            Instant now)
            throws IOException {
        var decided = ledger.decided();
        // An operator who names another manager in the configuration starts a new term.
        boolean isNewTerm = decided.epoch() > 0 && !ledger.isTermOf(settings.node());
        if (decision.mode() != decided.mode() || isNewTerm) {
            ledger.enter(decision.mode(), isNewTerm ? Reason.OPERATOR : decision.reason(), settings.node(), now);
            LOG.info(
                    "mode from={} to={} reason={} epoch={}",
                    decided.mode(),
                    decision.mode(),
                    decision.reason(),
                    ledger.decided().epoch());
        }
        // Which share it is comes before the first generation that is taken from it.
        registrar.turn(shareWatch, now);
        heldPlan.update(decision.hold(), shareWatch, reference, now);
        switch (decision.commit()) {
            case SHARE -> commitFromShare(replicaWatch, stageIsBusy, now);
            case REPLICA -> commit(candidates.ofReplica().orElseThrow(), now);
            case NOTHING -> staged = Optional.empty();
        }
        if (decision.writeShare() && !writing.isRunning()) {
            var look = shareWatch.newer().orElseThrow();
            // What was written since that look is not in it: writing the same again would change nothing.
            if (look.at().isAfter(wroteAt)) {
                workStartedAt = now;
                writing.start(() -> share.write(reference, look.view()));
            }
        }
    }

    private void commitFromShare(ReplicaWatch replicaWatch, boolean stageIsBusy, Instant now) throws IOException {
        var candidate = candidates.ofShare().orElseThrow();
        var next = candidate.next().manifest();
        if (staged.equals(Optional.of(next.root()))) {
            commit(candidate, now);
            staged = Optional.empty();
        } else if (!staging.isRunning() && !stageIsBusy) {
            var have = replicaWatch.newer().map(look -> look.view().manifest()).orElse(Manifest.empty());
            var missing = ManifestDiff.contentMissingFrom(have, next);
            stagingFor = Optional.of(candidate);
            workStartedAt = now;
            staging.start(() -> share.stage(missing));
        }
    }

    private void commit(Candidate candidate, Instant now) throws IOException {
        var generation = ledger.commit(candidate.next().manifest(), now);
        spreading = Optional.of(new Spreading(generation.root(), candidate.seenAt()));
        heldPlan.forgetApproval();
        LOG.info(
                "committed generation={} root={} entries={}",
                generation.id(),
                generation.root().abbreviated(),
                candidate.next().manifest().size());
    }

    private void collect(ShareWatch shareWatch, Instant now) {
        staging.collect().ifPresent(result -> {
            listener.staged(LoopListener.Source.SHARE, result.isComplete(), Duration.between(workStartedAt, now));
            if (result.isComplete()) {
                staged = stagingFor.map(c -> c.next().manifest().root());
                problem = Optional.empty();
            } else {
                // It changed, or went away, while it was copied: the next look tells what it is now.
                problem = result.problem();
                shareWatch.want();
            }
        });
        writing.collect().ifPresent(change -> {
            listener.changed(LoopListener.Place.SHARE, change, Duration.between(workStartedAt, now));
            // A problem that stays is told once.
            if (change.written() + change.trashed() > 0 || !change.problem().equals(problem)) {
                LOG.info(
                        "share brought up written={} trashed={} problem=\"{}\"",
                        change.written(),
                        change.trashed(),
                        change.problem().orElse(""));
            }
            problem = change.problem();
            wroteAt = now;
            shareWatch.want();
        });
    }

    /** Tells the listener when all reachable members serve what was last committed. */
    void watchSpreading(Optional<Digest> ownServed, List<PeerState> peers, Instant now) {
        if (spreading.isEmpty()) {
            return;
        }
        var root = Optional.of(spreading.get().root());
        boolean everywhere = ownServed.equals(root)
                && peers.stream()
                        .filter(PeerState::isReachable)
                        .allMatch(peer -> peer.view().orElseThrow().servedRoot().equals(root));
        if (everywhere) {
            listener.propagated(Duration.between(spreading.get().since(), now));
            spreading = Optional.empty();
        }
    }
}
