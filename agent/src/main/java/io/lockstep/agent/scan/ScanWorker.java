package io.lockstep.agent.scan;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.NameBuffer;
import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.Stamp;
import io.lockstep.digest.Finding;
import java.util.Optional;

/** One thread's part of a scan: takes tasks, reads names, and hands entries to an {@link EntryLook}. */
final class ScanWorker implements AutoCloseable {
    /**
     * The deepest directory below the root whose names are read: each level keeps a handle open. A Gateway's trees have
     * less than twenty levels; deeper than this is unreadable with {@code ENAMETOOLONG}.
     */
    static final int MAX_DEPTH = 256;

    private final ScanWork work;
    private final EntryLook look;
    private final long rootDevice;
    private final StatBuffer stat = new StatBuffer();
    private final StatBuffer statAfter = new StatBuffer();
    private NameBuffer names = new NameBuffer();

    ScanWorker(ScanWork work, EntryLook look, long rootDevice) {
        this.work = work;
        this.look = look;
        this.rootDevice = rootDevice;
    }

    /** Does tasks until there are none, or until the scan is stopped. */
    void run() {
        try {
            for (var task = work.take(); task != null; task = work.take()) {
                try {
                    perform(task);
                } finally {
                    work.done();
                }
            }
        } catch (InterruptedException e) {
            work.stop(new ScanOutcome.Cancelled());
            Thread.currentThread().interrupt();
        }
    }

    /** What this thread found. */
    EntryLook look() {
        return look;
    }

    private void perform(ScanTask task) {
        if (task instanceof ScanTask.LookAtNames lookAt) {
            try {
                lookAtNames(lookAt.directory(), lookAt.names());
            } finally {
                lookAt.directory().release();
                work.giveBack(lookAt.names());
            }
        } else if (task instanceof ScanTask.ReadDirectory read) {
            readDirectory(read);
        } else if (task instanceof ScanTask.ReadAgain read) {
            readAgain(read);
        } else if (task instanceof ScanTask.ReadRoot read) {
            readRoot(read.root());
        }
    }

    private void readRoot(WalkedDirectory root) {
        int result = root.handle().stat(stat);
        if (result == 0) {
            result = -root.handle().rewind().number();
        }
        var error = result < 0 ? Optional.of(new Errno(-result)) : readNames(root);
        error.ifPresent(errno -> work.stop(new ScanOutcome.RootUnreadable(errno.symbol())));
    }

    private void readDirectory(ScanTask.ReadDirectory task) {
        var parent = task.parent();
        try {
            if (parent.depth() >= MAX_DEPTH) {
                look.addUnreadable(task.knownIndex(), task.path(), EntryType.DIRECTORY, Errno.ENAMETOOLONG);
                return;
            }
            var attempt = parent.handle().openDirectory(task.path().name());
            if (attempt instanceof Attempt.Done<DirectoryHandle> done) {
                readOpened(new WalkedDirectory(Optional.of(task.path()), done.value(), parent.depth() + 1), task);
            } else {
                notOpened(task, ((Attempt.Failed<DirectoryHandle>) attempt).errno());
            }
        } finally {
            parent.release();
        }
    }

    private void notOpened(ScanTask.ReadDirectory task, Errno errno) {
        if (errno.equals(Errno.ENOTDIR) || errno.equals(Errno.ELOOP)) {
            // Something else took the directory's place since it was looked at; the next scan will see what.
            look.addUnstable(task.knownIndex(), task.path());
        } else if (!errno.equals(Errno.ENOENT)) {
            look.addUnreadable(task.knownIndex(), task.path(), EntryType.DIRECTORY, errno);
        }
    }

    private void readOpened(WalkedDirectory directory, ScanTask.ReadDirectory task) {
        try {
            int result = directory.handle().stat(stat);
            if (result < 0) {
                look.addUnreadable(task.knownIndex(), task.path(), EntryType.DIRECTORY, new Errno(-result));
            } else if (stat.device() != rootDevice) {
                look.addUnreadable(task.knownIndex(), task.path(), EntryType.DIRECTORY, Errno.EXDEV);
            } else {
                boolean isKnown = look.isKnownDirectory(task.knownIndex(), stat);
                var finding = isKnown ? null : new Finding.Directory(task.path(), stat.stamp(), stat.mode());
                var error = readNames(directory);
                if (error.isPresent() && error.get().equals(Errno.ENOENT)) {
                    // It was removed after it was opened, which takes an empty directory: it is absent.
                    look.addRemoved(task.path());
                } else if (error.isPresent()) {
                    look.addHalfRead(task.knownIndex(), task.path(), error.get());
                } else if (finding == null) {
                    work.keep(task.knownIndex());
                } else {
                    look.addDirectory(finding);
                }
            }
        } finally {
            directory.release();
        }
    }

    private void readAgain(ScanTask.ReadAgain task) {
        var attempt = task.root().handle().openDirectory(task.path());
        // What can't be opened any more was found by the first look; the next scan will see what became of it.
        if (attempt instanceof Attempt.Done<DirectoryHandle> done) {
            var depth = task.path().toString().split("/", -1).length;
            var directory = new WalkedDirectory(Optional.of(task.path()), done.value(), depth);
            try {
                if (directory.handle().stat(stat) == 0 && stat.device() == rootDevice) {
                    readNames(directory);
                }
            } finally {
                directory.release();
            }
        }
    }

    /**
     * Reads all names of a directory that {@link #stat} was just asked for, and looks at them or leaves them to another
     * thread. Notes a directory that changed meanwhile: a name that moves within it may be missed (readdir(3)).
     *
     * @return why not all names were read
     */
    private Optional<Errno> readNames(WalkedDirectory directory) {
        var before = stat.stamp();
        while (!work.shouldStop()) {
            int result = directory.handle().readNames(names);
            if (result < 0) {
                return Optional.of(new Errno(-result));
            }
            if (result == 0) {
                noteChange(directory, before);
                return Optional.empty();
            }
            var free = work.takeBuffer();
            if (free.isPresent()) {
                directory.retain();
                work.push(new ScanTask.LookAtNames(directory, names));
                names = free.get();
            } else {
                lookAtNames(directory, names);
            }
        }
        return Optional.empty();
    }

    private void noteChange(WalkedDirectory directory, Stamp before) {
        if (directory.handle().stat(statAfter) == 0 && !statAfter.hasStamp(before)) {
            look.noteChanged(directory);
        }
    }

    private void lookAtNames(WalkedDirectory directory, NameBuffer buffer) {
        look.enter(directory);
        int count = 0;
        while (!work.shouldStop() && buffer.next()) {
            look.at(buffer);
            count++;
        }
        work.countNames(count);
    }

    @Override
    public void close() {
        stat.close();
        statAfter.close();
        names.close();
        look.close();
    }
}
