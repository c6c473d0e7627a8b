package io.lockstep.agent.store;

import io.lockstep.agent.posix.CallWatch;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Brings one tree to a generation, artifact by artifact.
 *
 * <p>Each file is written outside of the tree, made durable, and exchanged with what has its name; what comes out is
 * inspected and goes to the trash when a committed generation had it there, else to the conflict store. Nothing is
 * dropped unseen, nothing is followed, and no name in the tree ever shows other than old or new bytes. Directories come
 * first, then files as {@link io.lockstep.generation.ApplyOrder} says, deletions last and in reverse, then directories
 * that are empty.
 *
 * <p>Killed at any step, {@link #recover} at the next start keeps what was on its way, and {@link #apply} goes on. For
 * one thread at a time, and one applier for a tree.
 */
public final class TreeApplier {
    private final TreePlace place;
    private final ContentStage stage;
    private final Trash trash;
    private final ConflictStore conflicts;
    private final InstantSource time;
    private final Path store;
    private final DurableCalls calls;

    /**
     * An applier for one tree.
     *
     * @param store a directory on the file system of trash and conflict store, which is asked for its room
     * @param time this node's clock, for the descriptions of what is kept
     */
    public TreeApplier(
            TreePlace place, ContentStage stage, Trash trash, ConflictStore conflicts, Path store, InstantSource time) {
        this(place, stage, trash, conflicts, store, time, DurableCalls.DIRECT);
    }

    /** The same; {@code watch} hears of every call on the tree. */
    public TreeApplier(
            TreePlace place,
            ContentStage stage,
            Trash trash,
            ConflictStore conflicts,
            Path store,
            InstantSource time,
            CallWatch watch) {
        this(place, stage, trash, conflicts, store, time, DurableCalls.watchedBy(watch));
    }

    TreeApplier(
            TreePlace place,
            ContentStage stage,
            Trash trash,
            ConflictStore conflicts,
            Path store,
            InstantSource time,
            DurableCalls calls) {
        this.place = place;
        this.stage = stage;
        this.trash = trash;
        this.conflicts = conflicts;
        this.store = store;
        this.time = time;
        this.calls = calls;
    }

    /** Brings the tree to the generation, recovering first when an earlier apply did not end. */
    public ApplyOutcome apply(ApplyRequest request) {
        var tree = place.path();
        if (request.wanted().find(tree).isEmpty()) {
            return new ApplyOutcome.TreeNotInGeneration(place.name());
        }
        var plan = ApplyPlan.of(tree, request.wanted(), request.seen());
        var missing = missingFromStage(plan.contents());
        if (!missing.isEmpty()) {
            return new ApplyOutcome.ContentMissing(missing);
        }
        var known = new KnownContent(request.known()).and(request.wanted());
        List<PathResult> results = List.of();
        try (var root = OpenDirectory.open(calls, place.root());
                var tmp = OpenDirectory.openOrMake(calls, place.tmp());
                var directories = new TreeDirectories(root)) {
            drain(root, request.generation(), known);
            if (plan.isEmpty()) {
                return new ApplyOutcome.Applied(List.of());
            }
            var noRoom = checkRoom(plan, tmp);
            if (noRoom.isPresent()) {
                return noRoom.get();
            }
            Journal.write(tmp, request.generation(), plan.steps());
            var run = new ApplyRun(request.generation(), known, place.foreign(), stage, preserver(), tmp, directories);
            results = run.results();
            run.run(plan);
            tmp.removeFile(OpenDirectory.bytesOf(Journal.NAME));
        } catch (DiskException e) {
            return new ApplyOutcome.Stopped(results, e.failure());
        }
        return new ApplyOutcome.Applied(results);
    }

    private List<ManifestEntry> missingFromStage(List<ManifestEntry> contents) {
        return contents.stream()
                .filter(entry -> !stage.has(entry.digest().orElseThrow()))
                .toList();
    }

    private Optional<ApplyOutcome> checkRoom(ApplyPlan plan, OpenDirectory tmp) throws DiskException {
        try (var kept = OpenDirectory.openOrMake(calls, store)) {
            boolean same = kept.look().device() == tmp.look().device();
            var needed = same ? plan.neededByTree().plus(plan.neededByStore(true)) : plan.neededByTree();
            var available = availableAt(tmp);
            if (!needed.fitsInto(available)) {
                return Optional.of(new ApplyOutcome.NoRoom(tmp.place(), needed, available));
            }
            var neededByStore = same ? SpaceNeed.NONE : plan.neededByStore(false);
            var availableToStore = availableAt(kept);
            return neededByStore.fitsInto(availableToStore)
                    ? Optional.empty()
                    : Optional.of(new ApplyOutcome.NoRoom(kept.place(), neededByStore, availableToStore));
        }
    }

    private static SpaceNeed availableAt(OpenDirectory directory) throws DiskException {
        var space = directory.space();
        return new SpaceNeed(space.availableBytes(), space.availableInodes());
    }

    /** What came of a recovery. */
    public sealed interface Recovery {
        /**
         * Nothing is on its way any more.
         *
         * @param dropped the agent's own torn copies, and second names of files that are in the tree
         * @param trashed content of committed generations
         * @param conflicts anything else
         */
        record Recovered(int dropped, int trashed, int conflicts) implements Recovery {}

        /** The disk refused; what is left is still where it was. Recover again once it is repaired. */
        record Stopped(DiskFailure failure) implements Recovery {}
    }

    /**
     * Keeps whatever an apply that did not end has left in tmp: in the trash when it is the content of a known
     * generation at its path, else in the conflict store. Without anything there, it does nothing.
     *
     * @param current the generation under whose name things are kept that the journal does not tell
     * @param known manifests of committed generations, the one that was being applied among them
     */
    public Recovery recover(GenerationId current, List<Manifest> known) {
        try (var root = OpenDirectory.open(calls, place.root())) {
            return drain(root, current, new KnownContent(known));
        } catch (DiskException e) {
            return new Recovery.Stopped(e.failure());
        }
    }

    private Recovery.Recovered drain(OpenDirectory root, GenerationId current, KnownContent known)
            throws DiskException {
        var there = OpenDirectory.openIfThere(calls, place.tmp());
        if (there.isEmpty()) {
            return new Recovery.Recovered(0, 0, 0);
        }
        try (var tmp = there.get()) {
            var names = tmp.names();
            if (names.isEmpty()) {
                return new Recovery.Recovered(0, 0, 0);
            }
            return new TmpDrain(place.path(), root, tmp, Journal.read(tmp), current, known, preserver()).run(names);
        }
    }

    private Preserver preserver() {
        return new Preserver(trash, conflicts, time);
    }
}
