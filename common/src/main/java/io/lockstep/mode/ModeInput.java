package io.lockstep.mode;

import io.lockstep.cluster.Mode;

/**
 * What the manager sees, sorted into the classes that the mode depends on.
 *
 * @param share what it knows of the share
 * @param writable whether the share can be written here; a share that is not proven can't
 * @param relation how the share's content stands to the reference; {@link Relation#UNTOLD} unless the share is proven
 *     and was scanned
 * @param mergeable whether a share whose relation is {@link Relation#OTHER} can be merged with the reference: all that
 *     it shows can be told, and so can the generation at which it was last equal
 * @param excessive whether taking the share's content, alone or by a merge, would delete more than the guard allows
 * @param provenLongEnough whether the share has been proven without a break for the configured time
 * @param anyMemberProvesShare whether some reachable member other than the manager proves the share
 * @param majorityProvesShare whether most reachable members, the manager counted, prove the share
 * @param replica how the manager's own replica stands to the reference
 * @param hasReference whether a generation was ever committed
 * @param approved whether an operator approved exactly the plan that the guard refuses
 */
public record ModeInput(
        Mode mode,
        Share share,
        boolean writable,
        Relation relation,
        boolean mergeable,
        boolean excessive,
        boolean provenLongEnough,
        boolean anyMemberProvesShare,
        boolean majorityProvesShare,
        Replica replica,
        boolean hasReference,
        boolean approved) {
    /** What is known of the share. */
    public enum Share {
        /** The configuration names none: the cluster lives in RSYNC mode. */
        NOT_CONFIGURED,
        UNKNOWN,
        /** Not proven, for less than the loss timeout. */
        SUSPECT,
        /** Not proven for the loss timeout. */
        LOST,
        PROVEN
    }

    /** How the share's content stands to the reference. */
    public enum Relation {
        UNTOLD,
        EQUAL,
        /**
         * Every path is as in some generation since the base: the share lags, and nobody else wrote to it. Or all that
         * others wrote is in the reference, or is kept as a conflict here.
         */
        LINEAGE,
        /** Something else. */
        OTHER
    }

    /** How the manager's replica stands to the reference. */
    public enum Replica {
        UNKNOWN,
        EQUAL,
        /** It has not yet come to the reference, which was taken from elsewhere: it is no authority. */
        BEHIND,
        /** It differs, within the guard. */
        CHANGED,
        /** Taking it as the next generation would delete more than the guard allows. */
        EXCESSIVE
    }
}
