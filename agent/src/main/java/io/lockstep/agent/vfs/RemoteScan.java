package io.lockstep.agent.vfs;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.digest.Finding;
import io.lockstep.digest.StampTable;
import io.lockstep.generation.ManifestCodec;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
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

    private final RemotePlace place;
    private final TreeFilter filter;
    private final RemoteTree.Known known;
    private final StampTable.Lookup lookup;
    private final boolean everyDigest;
    private final OptionalLong serverNanos;
    private final long windowNanos;
    private final RemoteTree.Report report;
    private final BitSet kept = new BitSet();
    private final Deque<Directory> open = new ArrayDeque<>();
    private int entries;
    private int hashedFiles;
    private long hashedBytes;

    private record Directory(Optional<EntryPath> path, RemoteLook look, int depth) {}

    /**
     * @param known what an earlier scan found, whose digests are reused where provably fresh
     * @param serverNanos no later than the server's clock says now; empty when it can't be told
     */
    RemoteScan(
            RemotePlace place,
            TreeFilter filter,
            RemoteTree.Known known,
            boolean everyDigest,
            OptionalLong serverNanos,
            Duration racyWindow,
            RemoteTree.Report report) {
        this.place = place;
        this.filter = filter;
        this.known = known;
        lookup = known.table().lookup();
        this.everyDigest = everyDigest;
        this.serverNanos = serverNanos;
        windowNanos = (racyWindow.compareTo(LEAST_WINDOW) > 0 ? racyWindow : LEAST_WINDOW).toNanos();
        this.report = report;
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

    /** @throws RemoteFailure when the tree as a whole can't be told; then nothing that was reported counts */
    RemoteTree.Scan.Scanned run() throws RemoteFailure {
        try {
            open.add(new Directory(Optional.empty(), place.look(Optional.empty()), 0));
            while (!open.isEmpty()) {
                read(open.remove());
            }
        } catch (LocalFailure e) {
            throw new IllegalStateException("a scan takes bytes nowhere", e);
        }
        // Without the server's clock everything is racy to the next scan.
        long start = serverNanos.orElse(Long.MIN_VALUE / 2);
        return new RemoteTree.Scan.Scanned(start, kept, hashedFiles, hashedBytes);
    }

    private void found(Finding finding) throws RemoteFailure {
        count();
        report.found(finding);
    }

    private void count() throws RemoteFailure {
        entries++;
        if (entries > ManifestCodec.MAX_ENTRIES) {
            throw RemoteFailure.refused(
                    "scan", "EOVERFLOW", "it has more than " + ManifestCodec.MAX_ENTRIES + " entries");
        }
    }

    /** The index of what the earlier scan found at a path. */
    private int indexOf(EntryPath path) {
        return lookup.indexOf(path.bytes(), path.length());
    }

    private void keep(int index) throws RemoteFailure {
        count();
        kept.set(index);
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
            found(new Finding.Unreadable(directory.path().get(), EntryType.DIRECTORY, e.symbol()));
            return;
        }
        var paths = paths(directory, children);
        if (paths.isEmpty()) {
            found(new Finding.Unreadable(
                    directory.path().orElseThrow(() -> RemoteFailure.refused("list", "EILSEQ", "a name is malformed")),
                    EntryType.DIRECTORY,
                    "EILSEQ"));
            return;
        }
        if (directory.path().isPresent()) {
            readable(directory.path().get(), directory.look());
        }
        report.progress(children.size(), 0);
        for (int i = 0; i < children.size(); i++) {
            look(directory, paths.get().get(i), children.get(i).look());
        }
    }

    private void readable(EntryPath path, RemoteLook look) throws RemoteFailure {
        int mode = look.mode().orElse(RemoteTree.DEFAULT_DIRECTORY_MODE);
        int index = indexOf(path);
        if (index != StampTable.NONE && known.table().isDirectory(index) && hasStamp(index, mode, look)) {
            keep(index);
        } else {
            found(new Finding.Directory(path, look.stamp(), mode));
        }
    }

    private boolean hasStamp(int index, int mode, RemoteLook look) {
        return known.table().mode(index) == mode
                && known.table().hasStamp(index, look.sizeBytes(), look.mtimeNanos(), 0, 0);
    }

    /** A server can say any name, and any twice: then nothing is known of the directory, and there is no result. */
    private static Optional<List<EntryPath>> paths(Directory directory, List<RemotePlace.Child> children) {
        var paths = new ArrayList<EntryPath>(children.size());
        try {
            for (var child : children) {
                paths.add(directory
                        .path()
                        .map(above -> above.resolve(child.name()))
                        .orElse(child.name()));
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
            found(new Finding.Reported(path, type));
        } else if (type == EntryType.DIRECTORY && directory.depth() >= MAX_DEPTH) {
            found(new Finding.Unreadable(path, type, "ENAMETOOLONG"));
        } else if (type == EntryType.DIRECTORY) {
            open.add(new Directory(Optional.of(path), look, directory.depth() + 1));
        } else if (type == EntryType.UNKNOWN) {
            found(new Finding.Unreadable(path, type, "EPROTO"));
        } else if (type == EntryType.FILE) {
            lookAtFile(path, look);
        } else {
            found(new Finding.Special(path, type));
        }
    }

    private void lookAtFile(EntryPath path, RemoteLook look) throws RemoteFailure, LocalFailure {
        if (isBeingWritten(look)) {
            found(new Finding.Unstable(path));
            return;
        }
        int index = indexOf(path);
        if (index != StampTable.NONE && isFresh(index, look)) {
            keep(index);
        } else {
            found(read(path, look));
        }
    }

    private Finding read(EntryPath path, RemoteLook look) throws RemoteFailure, LocalFailure {
        try {
            LongConsumer read = bytes -> report.progress(0, bytes);
            var digest = RemoteContent.readAll(place, path, look, (bytes, length) -> {}, read);
            hashedFiles++;
            hashedBytes += look.sizeBytes();
            return place.look(Optional.of(path)).isSameFile(look)
                    ? new Finding.RegularFile(
                            path, look.stamp(), look.mode().orElse(RemoteTree.DEFAULT_FILE_MODE), digest)
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

    /** A time that is far ahead was set by somebody, and says nothing of when. */
    private boolean isBeingWritten(RemoteLook look) {
        return serverNanos.isPresent()
                && look.mtimeNanos() > serverNanos.getAsLong() - windowNanos
                && look.mtimeNanos() <= serverNanos.getAsLong() + windowNanos;
    }

    /** Whether the digest that the earlier scan found still holds. */
    private boolean isFresh(int index, RemoteLook look) {
        return !everyDigest
                && known.table().isFile(index)
                && hasStamp(index, look.mode().orElse(RemoteTree.DEFAULT_FILE_MODE), look)
                && !look.stamp().isRacy(known.scanStartNanos(), windowNanos);
    }
}
