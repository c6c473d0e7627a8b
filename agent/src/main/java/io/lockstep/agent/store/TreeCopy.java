package io.lockstep.agent.store;

import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.store.ContentStage.Adoption;
import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.ManifestEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads files of a mounted tree, or of a replica, into the stage, digesting them on the way. It never follows a link
 * below the tree's root, and never opens what is not a file. For any number of threads.
 */
public final class TreeCopy {
    /** Something else than the expected directory stands at a component of the path: the tree changed. */
    private static final Set<Errno> NOT_A_DIRECTORY = Set.of(Errno.ENOTDIR, Errno.ELOOP);

    private final ContentStage stage;
    private final DurableCalls calls;

    public TreeCopy(ContentStage stage) {
        this(stage, CallWatch.NONE);
    }

    /** The same; {@code watch} hears of every call on the tree. */
    public TreeCopy(ContentStage stage, CallWatch watch) {
        this.stage = stage;
        calls = DurableCalls.watchedBy(watch);
    }

    /** What came of one file. */
    public sealed interface FileCopy {
        EntryPath path();

        /** The stage holds the entry's content. */
        record Staged(EntryPath path) implements FileCopy {}

        /** The tree shows something else there than the entry says. */
        record Changed(EntryPath path) implements FileCopy {}

        /** Nothing is there, and the directory that should hold it, or its absence, could be read. */
        record Absent(EntryPath path) implements FileCopy {}

        /** It is unknown what is there. */
        record Unreadable(EntryPath path, Errno errno) implements FileCopy {}
    }

    /** What came of all. */
    public sealed interface CopyOutcome {
        /** Every file was tried; one outcome each, in the order of their paths. */
        record Copied(List<FileCopy> files) implements CopyOutcome {
            public Copied {
                files = List.copyOf(files);
            }
        }

        /** The stage could not take more; what is in it is whole. */
        record Stopped(DiskFailure failure) implements CopyOutcome {}
    }

    /**
     * Copies the content of these files of the tree at {@code treeRoot}. Content that the stage has already is not read.
     *
     * @param wanted files of one tree, their paths starting with the tree's name; directories are passed over
     */
    public CopyOutcome copy(Path treeRoot, List<ManifestEntry> wanted) {
        var files = wanted.stream()
                .filter(ManifestEntry::isFile)
                .sorted(Comparator.comparing(ManifestEntry::path))
                .toList();
        var copies = new ArrayList<FileCopy>(files.size());
        try (var root = OpenDirectory.open(calls, treeRoot);
                var directories = new TreeDirectories(root)) {
            for (var file : files) {
                var adoption = copyOne(directories, file);
                if (adoption.stageFailure().isPresent()) {
                    return new CopyOutcome.Stopped(adoption.stageFailure().get());
                }
                copies.add(adoption.copy());
            }
        } catch (DiskException rootUnreadable) {
            copies.clear();
            files.forEach(file -> copies.add(new FileCopy.Unreadable(file.path(), rootUnreadable.errno())));
        }
        return new CopyOutcome.Copied(copies);
    }

    /** One file's outcome, which does not count when the stage failed. */
    private record Attempted(FileCopy copy, Optional<DiskFailure> stageFailure) {
        static Attempted told(FileCopy copy) {
            return new Attempted(copy, Optional.empty());
        }
    }

    private Attempted copyOne(TreeDirectories directories, ManifestEntry wanted) {
        var path = wanted.path();
        if (stage.has(wanted.digest().orElseThrow())) {
            return Attempted.told(new FileCopy.Staged(path));
        }
        var below = path.withoutFirst()
                .orElseThrow(() -> new IllegalArgumentException("a tree's root is not a file: " + path));
        try {
            var parent = directories.parentOf(below);
            var look = parent.look(below.name());
            if (look.isEmpty()) {
                return Attempted.told(new FileCopy.Absent(path));
            }
            if (!look.get().isFile() || look.get().stamp().sizeBytes() != wanted.sizeBytes()) {
                return Attempted.told(new FileCopy.Changed(path));
            }
            try (var source = parent.openFile(below.name())) {
                return stageOne(source, wanted);
            }
        } catch (DiskException e) {
            return Attempted.told(notCopied(path, e.errno()));
        }
    }

    private Attempted stageOne(OpenFile source, ManifestEntry wanted) {
        var path = wanted.path();
        var adoption = stage.adopt(source, wanted.digest().orElseThrow());
        if (adoption instanceof Adoption.Failed failed) {
            return new Attempted(new FileCopy.Changed(path), Optional.of(failed.failure()));
        }
        if (adoption instanceof Adoption.SourceUnreadable unreadable) {
            return Attempted.told(notCopied(path, unreadable.failure().errno()));
        }
        return Attempted.told(
                adoption instanceof Adoption.Adopted ? new FileCopy.Staged(path) : new FileCopy.Changed(path));
    }

    private static FileCopy notCopied(EntryPath path, Errno errno) {
        if (errno.equals(Errno.ENOENT)) {
            return new FileCopy.Absent(path);
        }
        return NOT_A_DIRECTORY.contains(errno) ? new FileCopy.Changed(path) : new FileCopy.Unreadable(path, errno);
    }
}
