package io.lockstep.cluster;

import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the decision log says up to one entry. Every node computes it from the same entries, and refuses an entry that
 * does not follow.
 *
 * @param index the last entry's index; 0 for the empty log
 * @param epoch 0 for the empty log
 * @param reference the last committed generation
 * @param base the generation at which the share was last known to be equal
 * @param shares the registered share's id, by the tree's name; without those of trees that have none yet
 */
public record DecisionState(
        long index,
        long epoch,
        Mode mode,
        Reason modeReason,
        Optional<NodeName> manager,
        Optional<Generation> reference,
        Optional<GenerationId> base,
        Map<String, String> shares) {
    public DecisionState {
        shares = Map.copyOf(shares);
    }

    /** Before the first entry: nothing is decided, so nothing is written. */
    public static DecisionState initial() {
        return new DecisionState(
                0, 0, Mode.HOLD, Reason.NO_GENERATION, Optional.empty(), Optional.empty(), Optional.empty(), Map.of());
    }

    /**
     * The state after {@code entry}.
     *
     * @throws RefusedEntryException when the entry leaves a gap, goes back in epochs, has another manager's epoch, or
     *     does not follow the reference; the state stays as it was
     */
    public DecisionState apply(LogEntry entry) throws RefusedEntryException {
        if (entry.index() != index + 1) {
            throw new RefusedEntryException(entry, "the next index is " + (index + 1));
        }
        if (entry instanceof LogEntry.ModeChange change) {
            return apply(change);
        }
        return entry instanceof LogEntry.ShareRegistered share ? apply(share) : apply((LogEntry.Commit) entry);
    }

    private DecisionState apply(LogEntry.ModeChange change) throws RefusedEntryException {
        boolean sameTerm = change.epoch() == epoch && manager.equals(Optional.of(change.manager()));
        if (change.epoch() <= epoch && !sameTerm) {
            throw new RefusedEntryException(change, "epoch " + epoch + " belongs to " + manager.orElse(null));
        }
        return new DecisionState(
                change.index(),
                change.epoch(),
                change.mode(),
                change.reason(),
                Optional.of(change.manager()),
                reference,
                change.base(),
                shares);
    }

    private DecisionState apply(LogEntry.Commit commit) throws RefusedEntryException {
        if (commit.epoch() != epoch) {
            throw new RefusedEntryException(commit, "the epoch is " + epoch);
        }
        var next = commit.generation();
        long seq = reference.map(last -> last.id().seq()).orElse(0L) + 1;
        if (next.id().seq() != seq || !next.parent().equals(reference.map(Generation::root))) {
            throw new RefusedEntryException(commit, "it does not follow the reference " + reference.orElse(null));
        }
        return new DecisionState(commit.index(), epoch, mode, modeReason, manager, Optional.of(next), base, shares);
    }

    private DecisionState apply(LogEntry.ShareRegistered share) throws RefusedEntryException {
        if (share.epoch() != epoch) {
            throw new RefusedEntryException(share, "the epoch is " + epoch);
        }
        var next = new HashMap<>(shares);
        next.put(share.tree(), share.shareId());
        return new DecisionState(share.index(), epoch, mode, modeReason, manager, reference, base, next);
    }
}
