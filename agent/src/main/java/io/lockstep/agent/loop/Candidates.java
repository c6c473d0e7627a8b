package io.lockstep.agent.loop;

import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.NextManifest;
import io.lockstep.generation.Restoration;
import io.lockstep.generation.View;
import io.lockstep.mode.ModeInput;
import io.lockstep.mode.ModeInput.Relation;
import java.time.Instant;
import java.util.Optional;

/**
 * What the share's and the replica's two latest looks allow as the next generation, and how those places stand to the
 * reference. Only the manager has any; only its control thread calls the methods.
 */
final class Candidates {
    private static final DeletionGuard NO_DELETION = new DeletionGuard(0, 0);

    private final LoopSettings settings;
    private final Ledger ledger;
    private Optional<Candidate> ofShare = Optional.empty();
    private Optional<Candidate> ofReplica = Optional.empty();
    private boolean deletionsAreHeld;

    /**
     * What a place's two latest looks allow as the next generation.
     *
     * @param seenAt when it was first seen
     */
    record Candidate(
            View older,
            View newer,
            Manifest reference,
            DeletionGuard guard,
            NextManifest next,
            Optional<DeletionGuard.Excess> excess,
            Instant seenAt) {
        boolean isChange() {
            return !next.manifest().root().equals(reference.root());
        }

        /** The same without what it deletes: what goes on while the deletions wait. */
        Candidate withoutDeletions() {
            var rest = Restoration.withoutDeletions(reference, next.manifest());
            var allowed = new NextManifest(rest, next.heldBack());
            return new Candidate(older, newer, reference, guard, allowed, Optional.empty(), seenAt);
        }
    }

    Candidates(LoopSettings settings, Ledger ledger) {
        this.settings = settings;
        this.ledger = ledger;
    }

    Optional<Candidate> ofShare() {
        return ofShare;
    }

    Optional<Candidate> ofReplica() {
        return ofReplica;
    }

    /** Says whether a plan waits because of its deletions, in whatever mode. */
    void holdDeletions(boolean held) {
        deletionsAreHeld = held;
    }

    /** The replica's, where it is an authority: it is none before it has come to a reference from elsewhere. */
    Optional<Candidate> ofReplicaAsAuthority() {
        return ofReplica.filter(candidate -> ledger.hasAppliedReference());
    }

    /** Takes the latest looks. */
    void look(ShareWatch shareWatch, ReplicaWatch replicaWatch, Manifest reference) {
        ofShare = candidate(ofShare, shareWatch.older(), shareWatch.newer(), reference);
        ofReplica = candidate(ofReplica, replicaWatch.older(), replicaWatch.newer(), reference);
    }

    private Optional<Candidate> candidate(
            Optional<Candidate> last,
            Optional<LookHistory.Look> older,
            Optional<LookHistory.Look> newer,
            Manifest reference) {
        if (older.isEmpty() || newer.isEmpty()) {
            return Optional.empty();
        }
        var first = older.get().view();
        var second = newer.get().view();
        boolean isSame = last.filter(c -> c.older().equals(first)
                        && c.newer().equals(second)
                        && c.reference().equals(reference)
                        && c.guard().equals(guard()))
                .isPresent();
        if (isSame) {
            return last;
        }
        var next = NextManifest.after(reference, first, second);
        var excess = guard().check(reference, next.manifest());
        boolean isNew =
                last.filter(c -> c.next().manifest().equals(next.manifest())).isEmpty();
        var seenAt = isNew ? older.get().at() : last.get().seenAt();
        return Optional.of(new Candidate(first, second, reference, guard(), next, excess, seenAt));
    }

    /**
     * While deletions are held, none passes without an approval: files that a person puts back one by one would
     * otherwise let the rest go as soon as few enough are missing.
     */
    private DeletionGuard guard() {
        var decided = ledger.decided();
        boolean isHeld = decided.mode() == Mode.HOLD && decided.modeReason() == Reason.DELETION_GUARD;
        return isHeld || deletionsAreHeld ? NO_DELETION : settings.guard();
    }

    /** How the share stands to the reference where it is the authority. */
    Relation shareAsAuthority() {
        return ofShare.map(c -> c.isChange() || ledger.reference().isEmpty() ? Relation.OTHER : Relation.EQUAL)
                .orElse(Relation.UNTOLD);
    }

    /** How the manager's replica stands to the reference. */
    ModeInput.Replica replica(ReplicaWatch replicaWatch, Manifest reference) {
        var look = replicaWatch.newer();
        if (look.isEmpty()) {
            return ModeInput.Replica.UNKNOWN;
        }
        var view = look.get().view();
        if (view.manifest().equals(reference) && view.canTellAll(reference)) {
            return ModeInput.Replica.EQUAL;
        }
        if (!ledger.hasAppliedReference()) {
            return ModeInput.Replica.BEHIND;
        }
        if (ofReplica.filter(Candidate::isChange).isEmpty()) {
            return ModeInput.Replica.UNKNOWN;
        }
        return ofReplica.get().excess().isPresent() ? ModeInput.Replica.EXCESSIVE : ModeInput.Replica.CHANGED;
    }
}
