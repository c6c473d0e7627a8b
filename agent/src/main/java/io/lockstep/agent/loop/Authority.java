package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Reason;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.HeldBack;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.NextManifest;
import io.lockstep.generation.Refusal;
import io.lockstep.generation.Restraints;
import io.lockstep.generation.View;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One place that the manager may take the next generation from, the share or its replica: what the place's looks allow,
 * less what was looked into and refused. Only the control thread calls the methods.
 */
final class Authority {
    private final Inspector.Origin origin;
    private final Function<EntryPath, Optional<String>> artifactOf;
    private final Refusals refusals = new Refusals();
    private Optional<Candidate> candidate = Optional.empty();

    /**
     * What a place's looks allow as the next generation.
     *
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
            Optional<Reason> excess,
            Instant seenAt) {
        boolean isChange() {
            return !next.manifest().root().equals(reference.root());
        }

        /** Whether another look alone can bring something in: it has not settled. */
        boolean waitsForALook() {
            return isChange()
                    || next.heldBack().stream()
                            .anyMatch(held -> held.why() == HeldBack.Why.UNSETTLED
                                    || held.why() == HeldBack.Why.BEING_WRITTEN
                                    || held.why() == HeldBack.Why.NO_DIRECTORY);
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

    Optional<Candidate> candidate() {
        return candidate;
    }

    List<HeldBack> heldBack() {
        return candidate.map(c -> c.next().heldBack()).orElse(List.of());
    }

    /** Takes the place's two looks. */
    void look(
            Optional<LookHistory.Look> older,
            Optional<LookHistory.Look> newer,
            Manifest reference,
            DeletionGuard guard) {
        candidate = older.isEmpty() || newer.isEmpty()
                ? Optional.empty()
                : Optional.of(candidate(older.get(), newer.get(), reference, guard));
    }

    private Candidate candidate(
            LookHistory.Look older, LookHistory.Look newer, Manifest reference, DeletionGuard guard) {
        var restraints = new Restraints(refusals.at(newer), artifactOf);
        boolean isSame = candidate
                .filter(c -> c.older().equals(older.view())
                        && c.newer().equals(newer.view())
                        && c.reference().equals(reference)
                        && c.guard().equals(guard)
                        && c.restraints().equals(restraints))
                .isPresent();
        if (isSame) {
            return candidate.get();
        }
        var next = NextManifest.after(reference, older.view(), newer.view(), restraints);
        var excess = guard.check(reference, next.manifest());
        boolean isNew = candidate
                .filter(c -> c.next().manifest().equals(next.manifest()))
                .isEmpty();
        return new Candidate(
                origin,
                older.view(),
                newer.view(),
                reference,
                guard,
                restraints,
                next,
                excess.map(e -> Reason.DELETION_GUARD),
                isNew ? older.at() : candidate.get().seenAt());
    }
}
