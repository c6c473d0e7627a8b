package io.lockstep.mode;

import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.mode.ModeDecision.Commit;
import io.lockstep.mode.ModeInput.Relation;
import io.lockstep.mode.ModeInput.Replica;
import io.lockstep.mode.ModeInput.Share;
import java.util.Optional;

/**
 * Decides the cluster's mode and the next generation: a pure function that only the manager asks.
 *
 * <p>Total: every input has a decision. Nothing is ever committed from a share that is not proven, or past the guard
 * without an approval, and nothing is written to a share that can't be.
 */
public final class ModeMachine {
    private ModeMachine() {}

    /** The decision on what the manager sees now. */
    public static ModeDecision decide(ModeInput in) {
        return switch (in.mode()) {
            case SHARED -> inShared(in);
            case HOLD -> inHold(in);
            case RSYNC -> inRsync(in);
            case RECONCILING -> inReconciling(in);
        };
    }

    private static ModeDecision inShared(ModeInput in) {
        if (isGone(in)) {
            return fallBack(in);
        }
        if (relation(in) == Relation.UNTOLD || relation(in) == Relation.EQUAL) {
            return ModeDecision.stay(Mode.SHARED, Reason.SHARE_EQUAL);
        }
        if (in.excessive() && !in.approved()) {
            return ModeDecision.stay(Mode.HOLD, Reason.DELETION_GUARD).holding(Reason.DELETION_GUARD);
        }
        return ModeDecision.stay(Mode.SHARED, Reason.SHARE_EQUAL).committing(Commit.SHARE);
    }

    private static ModeDecision inHold(ModeInput in) {
        if (isGone(in)) {
            return fallBack(in);
        }
        if (relation(in) == Relation.UNTOLD) {
            return ModeDecision.stay(Mode.HOLD, in.hasReference() ? Reason.DELETION_GUARD : Reason.NO_GENERATION);
        }
        return inShared(in);
    }

    /** How the share's content stands to the reference, which only a proven share can tell. */
    private static Relation relation(ModeInput in) {
        return in.share() == Share.PROVEN ? in.relation() : Relation.UNTOLD;
    }

    /** Whether nobody has the share, long enough to act on it. */
    private static boolean isGone(ModeInput in) {
        return in.share() == Share.NOT_CONFIGURED || (in.share() == Share.LOST && !in.anyMemberProvesShare());
    }

    private static ModeDecision fallBack(ModeInput in) {
        boolean holdsReference = in.replica() == Replica.EQUAL && in.hasReference();
        // Without a share there never was another authority than the manager's replica.
        if (in.share() == Share.NOT_CONFIGURED && in.replica() != Replica.UNKNOWN) {
            return ModeDecision.stay(Mode.RSYNC, Reason.SHARE_LOST);
        }
        if (holdsReference) {
            return ModeDecision.stay(Mode.RSYNC, Reason.SHARE_LOST);
        }
        return ModeDecision.stay(Mode.HOLD, in.hasReference() ? Reason.REPLICA_INCOMPLETE : Reason.NO_GENERATION);
    }

    private static ModeDecision inRsync(ModeInput in) {
        var decision = committingReplica(in, ModeDecision.stay(Mode.RSYNC, Reason.SHARE_LOST));
        boolean returned = in.share() == Share.PROVEN && in.provenLongEnough() && in.majorityProvesShare();
        if (!returned || in.relation() == Relation.UNTOLD) {
            return decision;
        }
        if (in.relation() == Relation.OTHER) {
            return merging(in, decision);
        }
        if (in.replica() != Replica.EQUAL) {
            return decision;
        }
        if (in.relation() == Relation.EQUAL) {
            return ModeDecision.stay(Mode.SHARED, Reason.SHARE_EQUAL);
        }
        // In RSYNC the manager's Gateway can go on publishing; in RECONCILING nobody's can.
        return in.writable() ? ModeDecision.stay(Mode.RECONCILING, Reason.SHARE_RETURNED) : decision;
    }

    private static ModeDecision merging(ModeInput in, ModeDecision decision) {
        var held = heldMerge(in);
        if (decision.hold().isPresent()) {
            return decision;
        }
        if (held.isPresent()) {
            // A commit changes what the merge would delete: it is judged after that.
            boolean isOutdated = held.get() == Reason.DELETION_GUARD && decision.commit() != Commit.NOTHING;
            return isOutdated ? decision : decision.holding(held.get());
        }
        return in.replica() == Replica.EQUAL ? decision.committing(Commit.MERGE) : decision;
    }

    /** Why a share with other content is not merged without a person. */
    private static Optional<Reason> heldMerge(ModeInput in) {
        if (!in.mergeable()) {
            return Optional.of(Reason.SHARE_DIVERGED);
        }
        // What is approved while the replica's own plan waits is that plan.
        boolean isApproved = in.approved() && in.replica() != Replica.EXCESSIVE;
        return in.excessive() && !isApproved ? Optional.of(Reason.DELETION_GUARD) : Optional.empty();
    }

    private static ModeDecision inReconciling(ModeInput in) {
        if (in.share() == Share.LOST || in.share() == Share.NOT_CONFIGURED) {
            return ModeDecision.stay(Mode.RSYNC, Reason.SHARE_LOST);
        }
        var held = relation(in) == Relation.OTHER ? heldMerge(in) : Optional.<Reason>empty();
        if (held.isPresent()) {
            return ModeDecision.stay(Mode.RSYNC, Reason.SHARE_DIVERGED).holding(held.get());
        }
        var decision = committingReplica(in, ModeDecision.stay(Mode.RECONCILING, Reason.SHARE_RETURNED));
        if (in.replica() != Replica.EQUAL || in.share() != Share.PROVEN) {
            return decision;
        }
        return switch (in.relation()) {
            case EQUAL -> ModeDecision.stay(Mode.SHARED, Reason.SHARE_EQUAL);
            case LINEAGE -> in.writable() ? decision.writingShare() : decision;
            case OTHER -> decision.committing(Commit.MERGE);
            case UNTOLD -> decision;
        };
    }

    private static ModeDecision committingReplica(ModeInput in, ModeDecision decision) {
        return switch (in.replica()) {
            case CHANGED -> decision.committing(Commit.REPLICA);
            case EXCESSIVE ->
                in.approved() ? decision.committing(Commit.REPLICA) : decision.holding(Reason.DELETION_GUARD);
            case EQUAL, BEHIND, UNKNOWN -> decision;
        };
    }
}
