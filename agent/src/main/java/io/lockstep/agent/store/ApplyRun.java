package io.lockstep.agent.store;

import io.lockstep.agent.posix.DirectoryHandle.Existing;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.store.FileSwap.Swap;
import io.lockstep.agent.store.KeptEntry.Why;
import io.lockstep.agent.store.PathResult.Effect;
import io.lockstep.agent.store.PathResult.Kept;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.ManifestEntry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One apply, step by step. Every step looks at the tree as it is now: the plan only says where to look. A step either
 * has a result of its own or, when the disk fails, throws, and then nothing after it is done.
 */
final class ApplyRun {
    /** One path can have these without the disk being ill: a right, a link or a file on the way, a busy name. */
    private static final Set<Errno> OF_ONE_PATH = Set.of(
            Errno.EACCES,
            Errno.EPERM,
            Errno.ENOENT,
            Errno.EEXIST,
            Errno.ENOTDIR,
            Errno.ELOOP,
            Errno.ENAMETOOLONG,
            new Errno(16), // EBUSY: a mountpoint
            new Errno(21)); // EISDIR

    /** The most files that are written before the first of them gets its name. */
    private static final int BATCH = 512;

    /** Below this, a sync of the whole file system costs more than one for each file. */
    private static final int WORTH_A_BATCH = 4;

    private final GenerationId generation;
    private final KnownContent known;
    private final ForeignContent foreign;
    private final ContentStage stage;
    private final Preserver preserver;
    private final OpenDirectory tmp;
    private final TreeDirectories tree;
    private final FileSwap swaps;
    private final List<PathResult> results = new ArrayList<>();
    private long number;

    /**
     * @param known the content of committed generations, the one that is applied among them
     * @param tmp empty but for the journal
     */
    ApplyRun(
            GenerationId generation,
            KnownContent known,
            ForeignContent foreign,
            ContentStage stage,
            Preserver preserver,
            OpenDirectory tmp,
            TreeDirectories tree) {
        this.generation = generation;
        this.known = known;
        this.foreign = foreign;
        this.stage = stage;
        this.preserver = preserver;
        this.tmp = tmp;
        this.tree = tree;
        this.swaps = new FileSwap(tmp);
    }

    List<PathResult> results() {
        return results;
    }

    /** Does the whole plan; what it did is durable on return. */
    void run(ApplyPlan plan) throws DiskException {
        number = 0;
        for (var directory : plan.directories()) {
            step(directory.path(), spot -> makeDirectory(spot, directory));
        }
        for (var path : plan.cleared()) {
            step(path, this::removeFile);
        }
        for (var path : plan.clearedDirectories()) {
            step(path, this::removeDirectory);
        }
        tree.leave();
        writeFiles(plan);
        tree.leave();
        for (var path : plan.removals()) {
            step(path, this::removeFile);
        }
        tree.leave();
        for (var path : plan.emptied()) {
            step(path, this::removeDirectory);
        }
        tree.leave();
    }

    /**
     * Many files are written together before the first gets its name: one sync for all of them costs a fraction of one
     * for each.
     */
    private void writeFiles(ApplyPlan plan) throws DiskException {
        var contents = new HashSet<>(plan.contents());
        for (int from = 0; from < plan.files().size(); from += BATCH) {
            var batch = plan.files().subList(from, Math.min(plan.files().size(), from + BATCH));
            if (batch.size() >= WORTH_A_BATCH) {
                swaps.writeAhead(
                        number,
                        batch.stream().map(file -> withContent(file, contents)).toList(),
                        stage);
            }
            for (var file : batch) {
                step(file.path(), spot -> writeFile(spot, file));
            }
            swaps.dropAhead();
        }
    }

    private Optional<ManifestEntry> withContent(ManifestEntry file, Set<ManifestEntry> contents) {
        return contents.contains(file) && stage.has(file.digest().orElseThrow()) ? Optional.of(file) : Optional.empty();
    }

    /** Where a step takes place, as it is now. */
    private record Spot(EntryPath path, OpenDirectory parent, Optional<EntryLook> look) {
        byte[] name() {
            return path.name();
        }

        boolean holds(EntryType type) {
            return look.isPresent() && look.get().type() == type;
        }
    }

    private interface Step {
        PathResult take(Spot spot) throws DiskException;
    }

    private void step(EntryPath path, Step step) throws DiskException {
        var below = path.withoutFirst().orElseThrow();
        Spot spot;
        try {
            var parent = tree.parentOf(below);
            spot = new Spot(path, parent, parent.look(path.name()));
        } catch (DiskException e) {
            if (!OF_ONE_PATH.contains(e.errno())) {
                throw e;
            }
            results.add(PathResult.blocked(path, e.errno()));
            number++;
            return;
        }
        results.add(step.take(spot));
        number++;
    }

    private PathResult makeDirectory(Spot spot, ManifestEntry wanted) throws DiskException {
        var kept = Kept.NOTHING;
        if (spot.holds(EntryType.DIRECTORY)) {
            if (spot.look().orElseThrow().mode() == wanted.mode()) {
                return PathResult.of(spot.path(), Effect.UNCHANGED);
            }
        } else {
            if (spot.look().isPresent()) {
                if (mustLeaveAlone(spot)) {
                    return PathResult.of(spot.path(), Effect.FOREIGN);
                }
                var errno = spot.parent().tryRename(spot.name(), tmp, FileSwap.old(number), Existing.REPLACE);
                if (!errno.isNone()) {
                    return blockedOrStop("move aside", spot, errno);
                }
                tree.changed();
                if (isPutBack(spot)) {
                    return PathResult.of(spot.path(), Effect.FOREIGN);
                }
                kept = keep(spot, FileSwap.old(number), Why.OBSTACLE);
            }
            var errno = spot.parent().tryMakeDirectory(spot.name(), wanted.mode());
            if (!errno.isNone()) {
                return blockedOrStop("make the directory", spot, errno);
            }
            tree.changed();
        }
        // Once more, because the process's umask takes bits from a new directory's mode.
        var errno = spot.parent().trySetDirectoryMode(spot.name(), wanted.mode());
        if (!errno.isNone()) {
            return blockedOrStop("set the mode of", spot, errno);
        }
        tree.changed();
        return PathResult.done(spot.path(), kept);
    }

    private PathResult writeFile(Spot spot, ManifestEntry wanted) throws DiskException {
        if (spot.holds(EntryType.FILE) && spot.look().orElseThrow().stamp().sizeBytes() == wanted.sizeBytes()) {
            var repaired = repairAttributes(spot, wanted);
            if (repaired.isPresent()) {
                return repaired.get();
            }
        }
        if (spot.holds(EntryType.DIRECTORY)
                && spot.parent().tryRemoveDirectory(spot.name()).isNone()) {
            // Cleared before, as far as the scan had seen it, and nothing else was in it.
            tree.changed();
            return writeFile(new Spot(spot.path(), spot.parent(), Optional.empty()), wanted);
        }
        if (spot.look().isPresent() && mustLeaveAlone(spot)) {
            return PathResult.of(spot.path(), Effect.FOREIGN);
        }
        var digest = wanted.digest().orElseThrow();
        if (!stage.has(digest)) {
            return PathResult.of(spot.path(), Effect.CONTENT_MISSING);
        }
        if (!swaps.write(number, wanted, stage)) {
            // What the stage has under this name is damaged: without it, the content is fetched again.
            stage.discard(digest);
            return PathResult.of(spot.path(), Effect.CONTENT_MISSING);
        }
        boolean mayReplace =
                foreign == ForeignContent.REPLACE_AND_KEEP || spot.look().isPresent();
        var swap = swaps.swapIn(number, spot.parent(), spot.name(), mayReplace);
        if (swap instanceof Swap.Refused refused) {
            tmp.removeFile(FileSwap.fresh(number));
            return foreign == ForeignContent.LEAVE_ALONE && refused.errno().equals(Errno.EEXIST)
                    ? PathResult.of(spot.path(), Effect.FOREIGN)
                    : blockedOrStop("replace", spot, refused.errno());
        }
        tree.changed();
        return swap instanceof Swap.CameOut out
                ? afterSwap(spot, wanted, out)
                : PathResult.done(spot.path(), Kept.NOTHING);
    }

    /**
     * Sets mode and time in place where the content is the wanted one; empty where it is not, or changed meanwhile.
     */
    private Optional<PathResult> repairAttributes(Spot spot, ManifestEntry wanted) throws DiskException {
        try (var file = spot.parent().openFile(spot.name())) {
            var before = file.look();
            if (!before.isFile() || !wanted.digest().equals(Optional.of(file.digest()))) {
                return Optional.empty();
            }
            if (!file.look().equals(before)) {
                return Optional.empty();
            }
            boolean sameMode = before.mode() == wanted.mode();
            boolean sameTime = before.stamp().mtimeNanos() == wanted.mtimeNanos();
            if (sameMode && sameTime) {
                return Optional.of(PathResult.of(spot.path(), Effect.UNCHANGED));
            }
            if (!sameMode) {
                file.setMode(wanted.mode());
            }
            if (!sameTime) {
                file.setModificationTime(wanted.mtimeNanos());
            }
            file.sync();
            return Optional.of(PathResult.done(spot.path(), Kept.NOTHING));
        } catch (DiskException e) {
            if (!OF_ONE_PATH.contains(e.errno())) {
                throw e;
            }
            // Unreadable, gone, or another user's: the exchange can do what opening it can't.
            return Optional.empty();
        }
    }

    /** What came out is inspected before anything else is done. */
    private PathResult afterSwap(Spot spot, ManifestEntry wanted, Swap.CameOut out) throws DiskException {
        var cameOut = out.byExchange() ? FileSwap.fresh(number) : FileSwap.old(number);
        boolean unexpected = foreign == ForeignContent.LEAVE_ALONE && !known.isAt(spot.path(), tmp.digestOf(cameOut));
        if (unexpected
                && out.byExchange()
                && swaps.exchangeBack(number, spot.parent(), spot.name()).isNone()) {
            // Somebody wrote between the look and the exchange, and has the name again. What the name showed meanwhile
            // is
            // the wanted content, which the stage has, or yet another write.
            if (tmp.digestOf(cameOut).equals(wanted.digest())) {
                tmp.removeFile(cameOut);
                return PathResult.of(spot.path(), Effect.FOREIGN);
            }
            return new PathResult(spot.path(), Effect.FOREIGN, keep(spot, cameOut, Why.REPLACED), Errno.NONE);
        }
        boolean wasFile = tmp.look(cameOut).filter(EntryLook::isFile).isPresent();
        return PathResult.done(spot.path(), keep(spot, cameOut, wasFile ? Why.REPLACED : Why.OBSTACLE));
    }

    private PathResult removeFile(Spot spot) throws DiskException {
        if (spot.look().isEmpty()) {
            return PathResult.of(spot.path(), Effect.UNCHANGED);
        }
        if (!spot.holds(EntryType.FILE)) {
            // The scan saw a file to delete. What stands here instead is left to the next scan.
            return PathResult.blocked(spot.path(), Errno.EEXIST);
        }
        if (mustLeaveAlone(spot)) {
            return PathResult.of(spot.path(), Effect.FOREIGN);
        }
        var errno = spot.parent().tryRename(spot.name(), tmp, FileSwap.old(number), Existing.REPLACE);
        if (errno.equals(Errno.ENOENT)) {
            return PathResult.of(spot.path(), Effect.UNCHANGED);
        }
        if (!errno.isNone()) {
            return blockedOrStop("take out", spot, errno);
        }
        tree.changed();
        return isPutBack(spot)
                ? PathResult.of(spot.path(), Effect.FOREIGN)
                : PathResult.done(spot.path(), keep(spot, FileSwap.old(number), Why.REMOVED));
    }

    /** By rmdir(2) alone, which the system refuses for a directory that holds anything. */
    private PathResult removeDirectory(Spot spot) throws DiskException {
        var errno = spot.parent().tryRemoveDirectory(spot.name());
        if (errno.equals(Errno.ENOTEMPTY) || errno.equals(Errno.EEXIST)) {
            return PathResult.of(spot.path(), Effect.NOT_EMPTY);
        }
        if (errno.equals(Errno.ENOENT)) {
            return PathResult.of(spot.path(), Effect.UNCHANGED);
        }
        if (!errno.isNone()) {
            return blockedOrStop("remove the directory", spot, errno);
        }
        tree.changed();
        return PathResult.done(spot.path(), Kept.NOTHING);
    }

    private boolean mustLeaveAlone(Spot spot) throws DiskException {
        return foreign == ForeignContent.LEAVE_ALONE
                && !known.isAt(spot.path(), spot.parent().digestOf(spot.name()));
    }

    /**
     * Whether what was taken out turned out to be foreign where that is left alone, and has its name again. When somebody
     * took the name meanwhile, it is not put back, and has to be kept.
     */
    private boolean isPutBack(Spot spot) throws DiskException {
        return foreign == ForeignContent.LEAVE_ALONE
                && !known.isAt(spot.path(), tmp.digestOf(FileSwap.old(number)))
                && tmp.tryRename(FileSwap.old(number), spot.parent(), spot.name(), Existing.REFUSE)
                        .isNone();
    }

    private Kept keep(Spot spot, byte[] name, Why why) throws DiskException {
        var origin = new Preserver.Origin(generation, spot.path(), why);
        return preserver.keep(tmp, name, origin, digest -> known.isAt(spot.path(), digest));
    }

    private static PathResult blockedOrStop(String action, Spot spot, Errno errno) throws DiskException {
        if (OF_ONE_PATH.contains(errno)) {
            return PathResult.blocked(spot.path(), errno);
        }
        throw new DiskException(action, spot.parent().placeOf(spot.name()), errno);
    }
}
