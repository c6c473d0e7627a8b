package io.lockstep.agent.loop;

import io.lockstep.agent.loop.Candidates.Candidate;
import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.NextManifest;
import io.lockstep.generation.Refusal;
import io.lockstep.generation.Restraints;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One place that the manager may take the next generation from, the share or its replica: what the place's looks allow,
 * less what was looked into and refused. Only the control thread calls the methods.
 *
 * <p>What just shows the reference needs no other look: nothing has to settle. And deletions beyond the guard are a plan
 * that waits for a person as soon as two looks in a row agree on them, however close, since a Gateway may be reading
 * that place; they are carried out by what has settled alone.
 */
final class Authority {
    private final Inspector.Origin origin;
    private final Function<EntryPath, Optional<String>> artifactOf;
    private final Refusals refusals = new Refusals();
    private Optional<Candidate> settled = Optional.empty();
    private Optional<Candidate> early = Optional.empty();
    private Optional<Candidate> newest = Optional.empty();

    /** The looks at the place that are held against each other; see {@link LookHistory}. */
    record Looks(
            Optional<LookHistory.Look> older, Optional<LookHistory.Look> previous, Optional<LookHistory.Look> newer) {
        static Looks of(ShareWatch watch) {
            return new Looks(watch.older(), watch.previous(), watch.newer());
        }

        static Looks of(ReplicaWatch watch) {
            return new Looks(watch.older(), watch.previous(), watch.newer());
        }
    }

    /** @param inspector names the artifact of a path */
    Authority(Inspector.Origin origin, Inspector inspector) {
        this.origin = origin;
        artifactOf = inspector::artifactOf;
    }

    /** Content that was found not to be fit. */
    void refuse(Map<EntryPath, Refusal> refused) {
        refusals.add(refused);
    }

    /** What the looks allow; empty while they can't tell. */
    Optional<Candidate> candidate() {
        return settled.filter(Candidate::isExcessive)
                .or(() -> early.filter(Candidate::isExcessive))
                .or(() -> settled);
    }

    /** Whether the newest look alone lacks more than the guard allows, and no other has agreed to that yet. */
    boolean wantsALookNow() {
        return newest.filter(Candidate::isExcessive).isPresent()
                && candidate().filter(Candidate::isExcessive).isEmpty();
    }

    /** Whether a look that is far enough from the newest may bring something in. */
    boolean wantsALookLater() {
        return newest.isPresent() && settled.map(Candidate::waitsForALook).orElse(true);
    }

    /** Takes the place's looks. */
    void look(Looks looks, Manifest reference, DeletionGuard guard) {
        var last = looks.newer();
        if (last.isEmpty()) {
            settled = Optional.empty();
            early = Optional.empty();
            newest = Optional.empty();
            return;
        }
        var view = last.get().view();
        boolean isReference = view.manifest().equals(reference) && view.canTellAll(reference);
        var older = isReference ? last : looks.older();
        settled = older.map(first -> candidate(settled, first, last.get(), true, reference, guard));
        early = looks.previous().map(first -> candidate(early, first, last.get(), false, reference, guard));
        newest = Optional.of(candidate(newest, last.get(), last.get(), false, reference, guard));
    }

    private Candidate candidate(
            Optional<Candidate> known,
            LookHistory.Look older,
            LookHistory.Look newer,
            boolean isSettled,
            Manifest reference,
            DeletionGuard guard) {
        var restraints = new Restraints(refusals.at(newer), artifactOf);
        boolean isSame = known.filter(c -> c.older().equals(older.view())
                        && c.newer().equals(newer.view())
                        && c.reference().equals(reference)
                        && c.guard().equals(guard)
                        && c.restraints().equals(restraints))
                .isPresent();
        if (isSame) {
            return known.get();
        }
        var next = NextManifest.after(reference, older.view(), newer.view(), restraints);
        boolean isNew =
                known.filter(c -> c.next().manifest().equals(next.manifest())).isEmpty();
        return new Candidate(
                origin,
                older.view(),
                newer.view(),
                reference,
                guard,
                restraints,
                next,
                guard.check(reference, next.manifest()),
                isSettled,
                isNew ? older.at() : known.get().seenAt());
    }
}
