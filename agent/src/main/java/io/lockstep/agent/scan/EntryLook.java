package io.lockstep.agent.scan;

import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.NameBuffer;
import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.digest.Finding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Looks at single entries: what each one is, whether it is what the previous scan found, and if not, what it holds. An
 * entry that is as it was costs one stat and makes no object. For one thread.
 */
final class EntryLook implements AutoCloseable {
    /** How often a file that changes while it is read is read, before it is called unstable. */
    static final int MAX_LOOKS = 3;

    private static final int TELL_EVERY_BYTES = 8 << 20;

    private final ScanWork work;
    private final Known known;
    private final TreeFilter filter;
    private final Reuse reuse;
    private final StatBuffer stat = new StatBuffer();
    private final FileDigests digests;
    private final Set<Optional<EntryPath>> changedDirectories = new HashSet<>();
    private final List<EntryPath> walkedDirectories = new ArrayList<>();
    private final byte[] path = new byte[EntryPath.MAX_BYTES + 1 + EntryPath.MAX_NAME_BYTES];
    private int prefixLength;
    private int pathLength;
    private WalkedDirectory directory;
    private int hashedFiles;
    private long untoldBytes;

    /**
     * Which digests may be used again.
     *
     * @param none every file is read
     * @param scanStartNanos of the previous scan
     * @param racyWindowNanos how long before that start a change makes a digest doubtful
     */
    record Reuse(boolean none, long scanStartNanos, long racyWindowNanos) {}

    EntryLook(ScanWork work, TreeFilter filter, Reuse reuse, WalkedDirectory root) {
        this.work = work;
        this.filter = filter;
        this.reuse = reuse;
        known = work.known().forThread();
        directory = root;
        digests = new FileDigests(this::countBytes);
    }

    private boolean countBytes(long count) {
        untoldBytes += count;
        boolean tell = untoldBytes >= TELL_EVERY_BYTES;
        untoldBytes = tell ? 0 : untoldBytes;
        return work.countBytes(count, tell);
    }

    /** The directory may have names that were not seen. */
    void noteChanged(WalkedDirectory changed) {
        changedDirectories.add(changed.path());
    }

    /** The directories noted since the last call; empty for the root. */
    Set<Optional<EntryPath>> takeChangedDirectories() {
        var copy = Set.copyOf(changedDirectories);
        changedDirectories.clear();
        return copy;
    }

    /** The directories that are found anew and whose names were read, since the last call. */
    List<EntryPath> takeWalkedDirectories() {
        var copy = List.copyOf(walkedDirectories);
        walkedDirectories.clear();
        return copy;
    }

    int hashedFiles() {
        return hashedFiles;
    }

    /** The names to come are in {@code next}. */
    void enter(WalkedDirectory next) {
        directory = next;
        prefixLength = next.copyPrefix(path);
    }

    /** Looks at the entry at the cursor. */
    void at(NameBuffer names) {
        pathLength = prefixLength + names.nameLength();
        if (pathLength > EntryPath.MAX_BYTES) {
            // Only below a directory can a path be too long, because a name alone is not.
            directory.path().ifPresent(parent -> addHalfRead(Known.NONE, parent, Errno.ENAMETOOLONG));
            return;
        }
        names.copyName(path, prefixLength);
        var verdict = filter.verdict(path, pathLength);
        if (verdict == TreeFilter.Verdict.LEAVE_OUT) {
            return;
        }
        int index = known.indexOf(path, pathLength);
        if (work.isFound(index, path, pathLength) || !work.countEntry()) {
            return;
        }
        if (mustRead(index) && verdict == TreeFilter.Verdict.KEEP && names.isFile()) {
            if (add(index, digests.read(directory, names))) {
                return;
            }
        }
        for (int looks = 0; looks < MAX_LOOKS; looks++) {
            int result = directory.handle().stat(names, stat);
            if (result < 0) {
                addFailed(index, new Errno(-result), verdict);
                return;
            }
            if (verdict == TreeFilter.Verdict.REPORT) {
                addReported(index, stat.type());
                return;
            }
            if (settle(index, names)) {
                return;
            }
        }
        addUnstable(index, pathAt(index));
    }

    /** Decides what the entry is that {@link #stat} describes; false when it changed meanwhile. */
    private boolean settle(int index, NameBuffer names) {
        return switch (stat.type()) {
            case FILE -> isKnownFile(index) ? keep(index) : add(index, digests.read(directory, names, stat.stamp()));
            case DIRECTORY -> {
                directory.retain();
                work.push(new ScanTask.ReadDirectory(directory, pathAt(index), index));
                yield true;
            }
            default -> addSpecial(index, stat.type());
        };
    }

    private boolean keep(int index) {
        work.keep(index);
        return true;
    }

    /** Whether a file there is read whatever its stamp says. */
    private boolean mustRead(int index) {
        return reuse.none()
                || index == Known.NONE
                || !known.isReusable(index, reuse.scanStartNanos(), reuse.racyWindowNanos());
    }

    private boolean isKnownFile(int index) {
        return !mustRead(index) && known.isFileAs(index, stat);
    }

    /** Takes what came of reading a file; false when it changed meanwhile. */
    private boolean add(int index, FileDigests.FileRead read) {
        if (read instanceof FileDigests.FileRead.Changed) {
            return false;
        }
        if (read instanceof FileDigests.FileRead.Refused refused) {
            addUnreadable(index, pathAt(index), EntryType.FILE, refused.errno());
        } else if (read instanceof FileDigests.FileRead.Read done) {
            hashedFiles++;
            addUnlessKnown(index, new Finding.RegularFile(pathAt(index), done.stamp(), done.mode(), done.digest()));
        }
        return true;
    }

    /** Whether the directory there is as the previous scan found it. */
    boolean isKnownDirectory(int index, StatBuffer now) {
        return index != Known.NONE && known.isDirectoryAs(index, now);
    }

    /** An entry that could not be asked for: absent when it vanished since its name was read, else unreadable. */
    private void addFailed(int index, Errno errno, TreeFilter.Verdict verdict) {
        if (errno.equals(Errno.ENOENT)) {
            noteChanged(directory);
        } else if (verdict == TreeFilter.Verdict.REPORT) {
            addReported(index, EntryType.UNKNOWN);
        } else {
            addUnreadable(index, pathAt(index), EntryType.UNKNOWN, errno);
        }
    }

    private void addReported(int index, EntryType type) {
        addUnlessKnown(index, new Finding.Reported(pathAt(index), type));
    }

    private boolean addSpecial(int index, EntryType type) {
        addUnlessKnown(index, new Finding.Special(pathAt(index), type));
        return true;
    }

    void addUnstable(int index, EntryPath at) {
        addUnlessKnown(index, new Finding.Unstable(at));
    }

    void addUnreadable(int index, EntryPath at, EntryType type, Errno errno) {
        addUnlessKnown(index, new Finding.Unreadable(at, type, errno.symbol()));
    }

    /** A directory whose names could not all be read: nothing that was found below it may look like the whole. */
    void addHalfRead(int index, EntryPath at, Errno errno) {
        walkedDirectories.add(at);
        work.sink().severed(at);
        addUnreadable(index, at, EntryType.DIRECTORY, errno);
    }

    /** A directory that was removed while it was read: what was found in it before is gone too. */
    void addRemoved(EntryPath at) {
        work.sink().severed(at);
    }

    /** A directory all of whose names were read. */
    void addDirectory(Finding.Directory found) {
        walkedDirectories.add(found.path());
        work.sink().found(found);
    }

    private void addUnlessKnown(int index, Finding finding) {
        if (index != Known.NONE && known.isExactly(index, finding)) {
            work.keep(index);
        } else {
            work.sink().found(finding);
        }
    }

    /** The current entry's path, the known one where there is one. */
    private EntryPath pathAt(int index) {
        return index == Known.NONE
                ? EntryPath.ofBytes(Arrays.copyOf(path, pathLength))
                : known.path(index, path, pathLength);
    }

    @Override
    public void close() {
        stat.close();
        digests.close();
    }
}
