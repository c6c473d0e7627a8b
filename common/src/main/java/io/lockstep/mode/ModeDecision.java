package io.lockstep.mode;

import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import java.util.Optional;

/**
 * What the manager does next, in this order: log the mode if it changes, log the generation if one is due, then write.
 *
 * @param mode the mode from now on
 * @param reason why
 * @param commit whose content becomes the next generation
 * @param writeShare whether the share is brought up to the reference now
 * @param hold why a plan waits for an operator; empty when none does
 */
public record ModeDecision(Mode mode, Reason reason, Commit commit, boolean writeShare, Optional<Reason> hold) {
    /** Whose content becomes the next generation. */
    public enum Commit {
        NOTHING,
        SHARE,
        REPLICA,
        /** The reference's, merged with what others wrote to the share; once conflicts are kept and all is staged. */
        MERGE
    }

    static ModeDecision stay(Mode mode, Reason reason) {
        return new ModeDecision(mode, reason, Commit.NOTHING, false, Optional.empty());
    }

    ModeDecision committing(Commit source) {
        return new ModeDecision(mode, reason, source, writeShare, hold);
    }

    ModeDecision holding(Reason why) {
        return new ModeDecision(mode, reason, commit, writeShare, Optional.of(why));
    }

    ModeDecision writingShare() {
        return new ModeDecision(mode, reason, commit, true, hold);
    }
}
