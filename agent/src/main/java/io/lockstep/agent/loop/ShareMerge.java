package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.Refusal;
import io.lockstep.generation.View;
import io.lockstep.mode.Lineage;
import io.lockstep.mode.ModeInput.Relation;
import io.lockstep.reconcile.ThreeWayMerge;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How a share that came back stands to the reference, and what becomes of both. Worked out again only when one of them
 * changes. Only the manager's control thread calls the methods.
 */
final class ShareMerge {
    private static final DeletionGuard NO_DELETION = new DeletionGuard(0, 0);

    private final LoopSettings settings;
    private final Ledger ledger;
    private final Refusals refusals = new Refusals();
    private Optional<Compared> compared = Optional.empty();
    private boolean wasExcessive;

    /** What was compared with what. */
    private record Compared(
            View share, Manifest reference, boolean deletes, Map<EntryPath, Refusal> refused, Result result) {}

    /** What came of it. */
    private sealed interface Result {
        /** The share is the reference, or only lags. */
        record Plain(Relation relation) implements Result {}

        /** Others wrote to the share, and a person has to see to it; {@code paths} are what is in the way. */
        record Impossible(String why, List<EntryPath> paths) implements Result {}

        /** Others wrote to the share. */
        record Merged(Plan plan) implements Result {}
    }

    /**
     * What a merge makes of the share and the reference.
     *
     * @param excess the paths of which it would delete more than the guard allows; empty when it deletes less
     */
    record Plan(Manifest reference, ThreeWayMerge merge, List<EntryPath> excess) {
        /** Whether the reference is the merge already, so that only its conflicts have to be kept here. */
        boolean isCommitted() {
            return merge.merged().equals(reference);
        }
    }

    /** Why a share with other content waits for a person. */
    record Obstacle(Reason reason, Manifest plan, String text, List<EntryPath> paths) {}

    ShareMerge(LoopSettings settings, Ledger ledger) {
        this.settings = settings;
        this.ledger = ledger;
    }

    /** The share is the authority: there is nothing to merge it with. */
    void forget() {
        compared = Optional.empty();
        wasExcessive = false;
    }

    /** Content of the share that was found not to be fit: it is kept as a conflict, for as long as the share shows it. */
    void refuse(Map<EntryPath, Refusal> refused) {
        refusals.add(refused);
    }

    /** Takes the latest looks at the share, and the reference. */
    void look(ShareWatch shareWatch, Manifest reference) {
        var look = shareWatch.newer();
        var view = look.map(LookHistory.Look::view).orElse(View.of(Manifest.empty()));
        // What just shows the reference needs no other look.
        boolean isReference = view.manifest().equals(reference) && view.canTellAll(reference);
        if (look.isEmpty() || !(isReference || shareWatch.isSettled())) {
            compared = Optional.empty();
            return;
        }
        boolean deletes = takesDeletions();
        var refused = Map.copyOf(refusals.at(look.get()));
        boolean isSame = compared.filter(c -> c.share().equals(view)
                        && c.reference().equals(reference)
                        && c.deletes() == deletes
                        && c.refused().equals(refused))
                .isPresent();
        if (!isSame) {
            var result = compare(view, reference, deletes, refused);
            compared = Optional.of(new Compared(view, reference, deletes, refused, result));
            wasExcessive = isExcessive();
        }
    }

    /** What an operator ordered is brought to the share; it is no deletion that the share lacks some of it. */
    private boolean takesDeletions() {
        var decided = ledger.decided();
        return decided.mode() != Mode.RECONCILING || decided.modeReason() != Reason.OPERATOR;
    }

    private Result compare(View share, Manifest reference, boolean deletes, Map<EntryPath, Refusal> refused) {
        if (share.manifest().equals(reference) && share.canTellAll(reference)) {
            return new Result.Plain(Relation.EQUAL);
        }
        var resolution = settings.shareKind().resolution();
        var lineage = ledger.lineage();
        if (lineage.isEmpty()) {
            return new Result.Impossible(
                    "the generation at which it was last equal is not kept on this node",
                    ManifestDiff.between(reference, share.manifest()).differences().stream()
                            .map(ManifestDiff.Difference::path)
                            .toList());
        }
        var foreign = lineage.get().foreignPaths(share, resolution);
        if (foreign.isEmpty()) {
            return new Result.Plain(Relation.LINEAGE);
        }
        var blind = foreign.stream().filter(path -> share.blindAt(path) != null).toList();
        return blind.isEmpty()
                ? new Result.Merged(merge(lineage.get(), share.manifest(), reference, deletes, refused))
                : new Result.Impossible("it has what can't be read, or told", blind);
    }

    private Plan merge(
            Lineage lineage, Manifest share, Manifest reference, boolean deletes, Map<EntryPath, Refusal> refused) {
        var resolution = settings.shareKind().resolution();
        var merge = ThreeWayMerge.of(
                lineage.base(),
                reference,
                share,
                (path, state) -> lineage.isKnown(path, state, resolution) || (!deletes && state.isEmpty()),
                file -> Optional.ofNullable(refused.get(file.path()))
                        .map(Refusal::digest)
                        .equals(file.digest()));
        boolean isExcessive = isExcessive(lineage.base(), reference, share, merge.merged(), deletes);
        return new Plan(reference, merge, isExcessive ? deletions(reference, share, merge.merged()) : List.of());
    }

    private boolean isExcessive(Manifest base, Manifest reference, Manifest share, Manifest merged, boolean deletes) {
        if (merged.equals(reference)) {
            // It is committed, so that it was within the guard, or approved.
            return false;
        }
        // While deletions are held none passes, as in HOLD: a share that is filled again one by one would let the rest
        // go.
        var guard = wasExcessive ? NO_DELETION : settings.guard();
        if (guard.check(reference, merged).isPresent()) {
            return true;
        }
        // What the live side changed meanwhile outweighs no deletion: an emptied share is suspect, however much is
        // kept.
        boolean isShareSuspect = guard.check(base, share).isPresent()
                && NO_DELETION.check(reference, merged).isPresent();
        return deletes && (isShareSuspect || guard.check(share, merged).isPresent());
    }

    private static List<EntryPath> deletions(Manifest reference, Manifest share, Manifest merged) {
        var all = new TreeSet<EntryPath>();
        for (var before : List.of(reference, share)) {
            ManifestDiff.between(before, merged).differences().stream()
                    .filter(difference -> difference.kind() == ManifestDiff.Kind.MISSING)
                    .forEach(difference -> all.add(difference.path()));
        }
        return List.copyOf(all);
    }

    /** How the share stands to the reference; others' writes that are kept aside. */
    Relation relation() {
        return compared.map(Compared::result)
                .map(result -> result instanceof Result.Plain plain ? plain.relation() : Relation.OTHER)
                .orElse(Relation.UNTOLD);
    }

    /** Whether others' writes can be merged. */
    boolean isMergeable() {
        return plan().isPresent();
    }

    /** Whether the merge would delete more than the guard allows. */
    boolean isExcessive() {
        return plan().filter(plan -> !plan.excess().isEmpty()).isPresent();
    }

    /** What the merge makes of both; empty where others wrote nothing, or there can't be one. */
    Optional<Plan> plan() {
        return compared.flatMap(
                c -> c.result() instanceof Result.Merged merged ? Optional.of(merged.plan()) : Optional.empty());
    }

    /** What a person has to see to; empty when there is nothing. */
    Optional<Obstacle> obstacle() {
        if (compared.isEmpty()) {
            return Optional.empty();
        }
        var now = compared.get();
        if (now.result() instanceof Result.Impossible impossible) {
            return Optional.of(new Obstacle(
                    Reason.SHARE_DIVERGED,
                    now.share().manifest(),
                    "the share came back with other content, and can't be merged: " + impossible.why(),
                    impossible.paths()));
        }
        return plan().filter(plan -> !plan.excess().isEmpty())
                .map(plan -> new Obstacle(
                        Reason.DELETION_GUARD,
                        plan.merge().merged(),
                        "merged with the share that came back, " + plan.excess().size()
                                + " entries of the one or the other would go",
                        plan.excess()));
    }
}
