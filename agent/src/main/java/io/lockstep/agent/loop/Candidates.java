package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.HeldBack;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.NextManifest;
import io.lockstep.generation.Refusal;
import io.lockstep.generation.Restoration;
import io.lockstep.generation.Restraints;
import io.lockstep.generation.View;
import io.lockstep.mode.ModeInput;
import io.lockstep.mode.ModeInput.Relation;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What the looks at the share and at the replica allow as the next generation, and how those places stand to the
 * reference. Only the manager has any; only its control thread calls the methods.
 */
final class Candidates {
    private static final DeletionGuard NO_DELETION = new DeletionGuard(0, 0);

    private final LoopSettings settings;
    private final Ledger ledger;
    private final Authority share;
    private final Authority replica;
    private boolean deletionsAreHeld;

    /**
     * What two looks at a place allow as the next generation.
     *
     * @param excess why it waits for a person's approval; empty when it needs none
     * @param isSettled whether the looks are far enough apart; else it may be told, and never committed
     * @param seenAt when the first of the looks that allow exactly this began
     */
    record Candidate(
            Inspector.Origin origin,
            View older,
            View newer,
            Manifest reference,
            DeletionGuard guard,
            Restraints restraints,
            NextManifest next,
            Optional<DeletionGuard.Excess> excess,
            boolean isSettled,
            Instant seenAt) {
        boolean isChange() {
            return !next.manifest().root().equals(reference.root());
        }

        /** The same without what it deletes: what goes on while the deletions wait. */
        Candidate withoutDeletions() {
            var rest = Restoration.withoutDeletions(reference, next.manifest());
            var allowed = new NextManifest(rest, next.heldBack());
            return new Candidate(
                    origin, older, newer, reference, guard, restraints, allowed, Optional.empty(), isSettled, seenAt);
        }

        boolean isExcessive() {
            return excess.isPresent();
        }

        /** Whether another look alone can bring something in: it has not settled. */
        boolean waitsForALook() {
            return !older.equals(newer)
                    || next.heldBack().stream()
                            .anyMatch(held -> held.why() == HeldBack.Why.UNSETTLED
                                    || held.why() == HeldBack.Why.BEING_WRITTEN
                                    || held.why() == HeldBack.Why.NO_DIRECTORY);
        }

        /**
         * What the place shows, when that differs from the reference in nothing but what is held back until other
         * content is there, and in no more files than the guard would let go: a share full of invalid files is no share
         * to be served.
         */
        Optional<Digest> heldBackRoot(DeletionGuard standard) {
            var held = next.heldBack();
            boolean isInStep = !isChange()
                    && !held.isEmpty()
                    && older.equals(newer)
                    && held.stream().allMatch(one -> one.why().isLasting())
                    && held.size() <= standard.most(reference)
                    && held.size() < Math.max(2, reference.fileCount());
            return isInStep ? Optional.of(newer.manifest().root()) : Optional.empty();
        }
    }

    Candidates(LoopSettings settings, Ledger ledger, Inspector inspector) {
        this.settings = settings;
        this.ledger = ledger;
        share = new Authority(Inspector.Origin.SHARE, inspector);
        replica = new Authority(Inspector.Origin.REPLICA, inspector);
    }

    Optional<Candidate> ofShare() {
        return share.candidate();
    }

    Optional<Candidate> ofReplica() {
        return replica.candidate();
    }

    /** Content that was found not to be fit. */
    void refuse(Inspector.Origin origin, Map<EntryPath, Refusal> refused) {
        (origin == Inspector.Origin.SHARE ? share : replica).refuse(refused);
    }

    /** Asks for the looks that may tell more of the place that leads. */
    void wantLooks(boolean fromShare, ShareWatch shareWatch, ReplicaWatch replicaWatch) {
        if (!fromShare) {
            if (replica.wantsALookLater()) {
                replicaWatch.want();
            }
            if (!shareWatch.isSettled()) {
                shareWatch.confirm();
            }
        } else if (share.wantsALookNow()) {
            shareWatch.want();
        } else if (share.wantsALookLater()) {
            shareWatch.confirm();
        }
    }

    /** Says whether a plan waits because of its deletions, in whatever mode. */
    void holdDeletions(boolean held) {
        deletionsAreHeld = held;
    }

    /** The replica's, where it is an authority: it is none before it has come to a reference from elsewhere. */
    Optional<Candidate> ofReplicaAsAuthority() {
        return ofReplica().filter(candidate -> ledger.hasAppliedReference());
    }

    /** Takes the latest looks. */
    void look(ShareWatch shareWatch, ReplicaWatch replicaWatch, Manifest reference) {
        share.look(Authority.Looks.of(shareWatch), reference, guard());
        replica.look(Authority.Looks.of(replicaWatch), reference, guard());
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
        return ofShare()
                .map(c -> c.isChange() || ledger.reference().isEmpty() ? Relation.OTHER : Relation.EQUAL)
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
        var candidate = ofReplica();
        // Nothing of it is on its way: what is held back goes to the conflict store when the share leads again.
        if (candidate.flatMap(c -> c.heldBackRoot(settings.guard())).isPresent()) {
            return ModeInput.Replica.EQUAL;
        }
        if (candidate.filter(Candidate::isChange).isEmpty()) {
            return ModeInput.Replica.UNKNOWN;
        }
        return candidate.get().isExcessive() ? ModeInput.Replica.EXCESSIVE : ModeInput.Replica.CHANGED;
    }
}
