package io.lockstep.agent.vfs;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.ManifestCodec;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;

/**
 * One scan of one tree on a server. A directory costs some five requests, whatever is in it; a file's content is read
 * when it is new or changed.
 *
 * <p>Without a ctime or an inode a digest is reused by size and mtime, when the mtime was over for two seconds of the
 * server's own clock before the content was read: then no later write could have left it as it is. A file whose mtime is
 * younger is {@link Finding.Unstable}: whoever wrote it may be writing still. Where the server's clock can't be told,
 * every file is read each time, and two scans that agree have to do.
 */
final class RemoteScan {
    /** Times are whole seconds, so that a second is not over before the next but one begins. */
    private static final Duration LEAST_WINDOW = Duration.ofSeconds(2);

    private static final int MAX_DEPTH = 256;

    /** Is told what was done since it was told last. */
    interface Progress {
        void add(long entries, long bytes);
    }

    /** What came of it. */
    sealed interface Outcome {
        record Scanned(Inventory inventory) implements Outcome {}

        record Failed(Reason reason, String detail) implements Outcome {}
    }

    private final RemotePlace place;
    private final TreeFilter filter;
    private final Optional<Inventory> previous;
    private final boolean everyDigest;
    private final OptionalLong serverNanos;
    private final long windowNanos;
    private final Progress progress;
    private final List<Finding> findings = new ArrayList<>();
    private final Deque<Directory> open = new ArrayDeque<>();
    private int hashedFiles;
    private long hashedBytes;

    private record Directory(Optional<EntryPath> path, RemoteLook look, int depth) {}

    /**
     * @param previous an earlier inventory, whose digests are reused where provably fresh
     * @param serverNanos no later than the server's clock says now; empty when it can't be told
     */
    RemoteScan(
            RemotePlace place,
            TreeFilter filter,
            Optional<Inventory> previous,
            boolean everyDigest,
            OptionalLong serverNanos,
            Duration racyWindow,
            Progress progress) {
        this.place = place;
        this.filter = filter;
        this.previous = previous;
        this.everyDigest = everyDigest;
        this.serverNanos = serverNanos;
        windowNanos =
                (racyWindow.compareTo(LEAST_WINDOW) > 0 ? racyWindow : LEAST_WINDOW).toNanos();
        this.progress = progress;
    }

    /**
     * The latest time that the server gave one of the agents' own files, which nodes write all the time: its clock was
     * that far already.
     */
    static OptionalLong serverNanos(RemotePlace place, EntryPath beacons) throws RemoteFailure {
        try {
            return place.list(Optional.of(beacons)).stream()
                    .filter(child -> child.look().isFile())
                    .mapToLong(child -> child.look().mtimeNanos())
                    .max();
        } catch (RemoteFailure e) {
            if (e.isOfOneEntry()) {
                return OptionalLong.empty();
            }
            throw e;
        }
    }

    Outcome run() {
        try {
            open.add(new Directory(Optional.empty(), place.look(Optional.empty()), 0));
            while (!open.isEmpty()) {
                read(open.remove());
                if (findings.size() > ManifestCodec.MAX_ENTRIES) {
                    return new Outcome.Failed(
                            Reason.SHARE_IO_ERROR, "it has more than " + ManifestCodec.MAX_ENTRIES + " entries");
                }
            }
        } catch (RemoteFailure e) {
            return new Outcome.Failed(e.reason(), e.detail());
        } catch (LocalFailure e) {
            throw new IllegalStateException("a scan takes bytes nowhere", e);
        }
        var sorted = Inventory.sorted(findings);
        // Without the server's clock everything is racy to the next scan.
        long start = serverNanos.orElse(Long.MIN_VALUE / 2);
        // The very list again tells those who derive something from it that nothing has changed.
        return new Outcome.Scanned(previous.filter(before -> before.findings().equals(sorted))
                .map(before -> before.seenAgain(start, hashedFiles, hashedBytes))
                .orElseGet(() -> new Inventory(sorted, start, hashedFiles, hashedBytes)));
    }

    private void read(Directory directory) throws RemoteFailure, LocalFailure {
        List<RemotePlace.Child> children;
        try {
            children = place.list(directory.path());
        } catch (RemoteFailure e) {
            // Of the share's own directory nothing would be known at all.
            if (!e.isOfOneEntry() || directory.path().isEmpty()) {
                throw e;
            }
            findings.add(new Finding.Unreadable(directory.path().get(), EntryType.DIRECTORY, e.symbol()));
            return;
        }
        var paths = paths(directory, children);
        if (paths.isEmpty()) {
            findings.add(new Finding.Unreadable(
                    directory.path().orElseThrow(() -> RemoteFailure.refused("list", "EILSEQ", "a name is malformed")),
                    EntryType.DIRECTORY,
                    "EILSEQ"));
            return;
        }
        directory.path().ifPresent(path -> findings.add(new Finding.Directory(
                path,
                directory.look().stamp(),
                directory.look().mode().orElse(RemoteTree.DEFAULT_DIRECTORY_MODE))));
        progress.add(children.size(), 0);
        for (int i = 0; i < children.size(); i++) {
            look(directory, paths.get().get(i), children.get(i).look());
        }
    }

    /** A server can say any name, and any twice: then nothing is known of the directory, and there is no result. */
    private static Optional<List<EntryPath>> paths(Directory directory, List<RemotePlace.Child> children) {
        var paths = new ArrayList<EntryPath>(children.size());
        try {
            for (var child : children) {
                paths.add(
                        directory.path().isPresent()
                                ? directory.path().get().child(child.name())
                                : EntryPath.ofBytes(child.name()));
            }
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        return new HashSet<>(paths).size() == paths.size() ? Optional.of(paths) : Optional.empty();
    }

    private void look(Directory directory, EntryPath path, RemoteLook look) throws RemoteFailure, LocalFailure {
        var verdict = filter.verdict(path);
        var type = look.type();
        if (verdict == TreeFilter.Verdict.LEAVE_OUT) {
            return;
        }
        if (verdict == TreeFilter.Verdict.REPORT) {
            findings.add(new Finding.Reported(path, type));
        } else if (type == EntryType.DIRECTORY && directory.depth() >= MAX_DEPTH) {
            findings.add(new Finding.Unreadable(path, type, "ENAMETOOLONG"));
        } else if (type == EntryType.DIRECTORY) {
            open.add(new Directory(Optional.of(path), look, directory.depth() + 1));
        } else if (type == EntryType.UNKNOWN) {
            findings.add(new Finding.Unreadable(path, type, "EPROTO"));
        } else {
            findings.add(type == EntryType.FILE ? file(path, look) : new Finding.Special(path, type));
        }
    }

    private Finding file(EntryPath path, RemoteLook look) throws RemoteFailure, LocalFailure {
        if (isBeingWritten(look)) {
            return new Finding.Unstable(path);
        }
        var known = knownDigest(path, look);
        if (known.isPresent()) {
            return found(path, look, known.get());
        }
        try {
            LongConsumer read = bytes -> progress.add(0, bytes);
            var digest = RemoteContent.readAll(place, path, look, (bytes, length) -> {}, read);
            hashedFiles++;
            hashedBytes += look.sizeBytes();
            return place.look(Optional.of(path)).isSameFile(look)
                    ? found(path, look, digest)
                    : new Finding.Unstable(path);
        } catch (RemoteFailure e) {
            if (!e.isOfOneEntry()) {
                throw e;
            }
            // It went away or is being written; or it is there and can't be read.
            return e.isAbsent() || e.symbol().equals("EAGAIN")
                    ? new Finding.Unstable(path)
                    : new Finding.Unreadable(path, EntryType.FILE, e.symbol());
        }
    }

    private static Finding found(EntryPath path, RemoteLook look, Digest digest) {
        return new Finding.RegularFile(
                path, look.stamp(), look.mode().orElse(RemoteTree.DEFAULT_FILE_MODE), digest);
    }

    /** A time that is far ahead was set by somebody, and says nothing of when. */
    private boolean isBeingWritten(RemoteLook look) {
        return serverNanos.isPresent()
                && look.mtimeNanos() > serverNanos.getAsLong() - windowNanos
                && look.mtimeNanos() <= serverNanos.getAsLong() + windowNanos;
    }

    private Optional<Digest> knownDigest(EntryPath path, RemoteLook look) {
        if (everyDigest || previous.isEmpty()) {
            return Optional.empty();
        }
        var before = previous.get();
        return before.find(path)
                .filter(Finding.RegularFile.class::isInstance)
                .map(Finding.RegularFile.class::cast)
                .filter(file -> file.stamp().equals(look.stamp())
                        && !look.stamp().isRacy(before.scanStartNanos(), windowNanos))
                .map(Finding.RegularFile::digest);
    }
}
