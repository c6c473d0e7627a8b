package io.lockstep.wire;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Hold;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.PlanChanges;
import java.util.List;
import java.util.Optional;

/**
 * What a restore would do, or did: the answer of {@code /v1/restore}.
 *
 * @param state how far it is
 * @param from the generation whose content comes back
 * @param path the one file or directory of it; empty for the whole
 * @param reference the generation that the plan was made from
 * @param planDigest the root digest of the generation to come; what {@code --approve} names
 * @param counts files of each kind, over all trees
 * @param added at most {@link Hold#MAX_PATHS} of them, as of the other lists
 * @param guard why the plan needs an approval; empty when it needs none
 * @param generation the new generation, once it is committed
 * @param problem why nothing was done; empty when something was, or may be yet
 * @param missing files whose content is nowhere to be had
 * @param hold the id under which the plan waits
 */
public record RestoreReport(
        State state,
        GenerationId from,
        Optional<EntryPath> path,
        GenerationId reference,
        Digest planDigest,
        PlanChanges.Counts counts,
        List<EntryPath> added,
        List<EntryPath> changed,
        List<EntryPath> deleted,
        List<EntryPath> moved,
        Optional<String> guard,
        Optional<GenerationId> generation,
        Optional<String> problem,
        List<EntryPath> missing,
        Optional<String> hold) {
    /** How far a restore is. */
    public enum State {
        /** A dry run: nothing was done. */
        PLANNED,
        /** All is as it was in that generation already. */
        NOTHING_TO_DO,
        /** Its content is being brought together. */
        RUNNING,
        /** It is the reference; nodes and share follow. */
        COMMITTED,
        /** It waits for an approval. */
        HELD,
        /** Nothing was done. */
        REFUSED
    }

    public RestoreReport {
        added = List.copyOf(added);
        changed = List.copyOf(changed);
        deleted = List.copyOf(deleted);
        moved = List.copyOf(moved);
        missing = List.copyOf(missing);
    }

    /** The plan, before anything is done. */
    public static RestoreReport planned(
            GenerationId from,
            Optional<EntryPath> path,
            GenerationId reference,
            Digest planDigest,
            PlanChanges changes,
            PlanChanges.Counts counts,
            Optional<String> guard) {
        return new RestoreReport(
                State.PLANNED,
                from,
                path,
                reference,
                planDigest,
                counts,
                some(changes.added()),
                some(changes.changed()),
                some(changes.deleted()),
                some(changes.moved()),
                guard,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty());
    }

    private static List<EntryPath> some(List<EntryPath> paths) {
        return paths.subList(0, Math.min(paths.size(), Hold.MAX_PATHS));
    }

    /** The same plan in another state. */
    public RestoreReport in(State next) {
        return with(next, Optional.empty(), Optional.empty(), List.of(), Optional.empty());
    }

    /** The plan as the new reference. */
    public RestoreReport committed(GenerationId as) {
        return with(State.COMMITTED, Optional.of(as), Optional.empty(), List.of(), Optional.empty());
    }

    /** The plan, which waits under this id. */
    public RestoreReport held(String id) {
        return with(State.HELD, Optional.empty(), Optional.empty(), List.of(), Optional.of(id));
    }

    /** The plan, of which nothing was done. */
    public RestoreReport refused(String why, List<EntryPath> nowhere) {
        return with(State.REFUSED, Optional.empty(), Optional.of(why), some(nowhere), Optional.empty());
    }

    private RestoreReport with(
            State next,
            Optional<GenerationId> as,
            Optional<String> why,
            List<EntryPath> nowhere,
            Optional<String> holdId) {
        return new RestoreReport(
                next,
                from,
                path,
                reference,
                planDigest,
                counts,
                added,
                changed,
                deleted,
                moved,
                guard,
                as,
                why,
                nowhere,
                holdId);
    }
}
