package io.lockstep.agent.posix;

import io.lockstep.artifact.EntryPath;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * An open directory. Every call takes the name of one entry directly in it and never follows a link, so that nothing
 * can climb out of a tree whatever is renamed or linked meanwhile.
 *
 * <p>Names are raw bytes. Failures that a file system can cause are values: an {@link Errno}, an {@link Attempt}, or
 * where speed counts an {@code int} that is the negative error number. A name that is not one entry's (empty, {@code .},
 * {@code ..}, with a slash or NUL) is the caller's error: {@link IllegalArgumentException}. Closed on exec, so that no
 * child process inherits it. Several threads may use one handle; only one closes it, after the others are done. A
 * {@link CallWatch} that it was opened with hears of its calls, and of those of whatever is opened through it.
 */
public final class DirectoryHandle implements AutoCloseable {
    /** What a rename does when the new name exists already. */
    public enum Existing {
        /** It is replaced. */
        REPLACE(0),
        /** The rename is refused with {@code EEXIST}. */
        REFUSE(1),
        /** Both names change places; without an entry there, {@code ENOENT}. */
        EXCHANGE(2);

        private final int flag;

        Existing(int flag) {
            this.flag = flag;
        }
    }

    private static final int DIRECTORY_FLAGS = Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC;
    private static final int READ_FLAGS = Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC;
    private static final int CREATE_FLAGS =
            Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;
    private static final int OVERWRITE_FLAGS =
            Libc.O_WRONLY | Libc.O_CREAT | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC;
    private static final int FIFO_FLAGS = Libc.O_WRONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC;
    private static final int STAT_FLAGS = Libc.AT_SYMLINK_NOFOLLOW | Libc.AT_NO_AUTOMOUNT;
    /** Type, mode, inode, size, mtime and ctime (statx(2)); what isn't asked for costs a network file system nothing. */
    private static final long STAT_MASK = 0x1 | 0x2 | 0x40 | 0x80 | 0x100 | 0x200;

    private static final NativeBuffer EMPTY_NAME = new NativeBuffer(8);

    static {
        EMPTY_NAME.bytes().putLong(0, 0);
    }

    private final int descriptor;
    private final Place place;
    private final CallWatch watch;
    private volatile boolean closed;

    private DirectoryHandle(int descriptor, Place place, CallWatch watch) {
        this.descriptor = descriptor;
        this.place = place;
        this.watch = watch;
    }

    /** Opens the directory at {@code path}, following links on the way and at its end. */
    public static Attempt<DirectoryHandle> open(Path path) {
        return open(path, CallWatch.NONE);
    }

    /** As {@link #open(Path)}; {@code watch} hears of it too. */
    public static Attempt<DirectoryHandle> open(Path path, CallWatch watch) {
        var place = Place.of(path.toString());
        var name = rawBytes(path);
        watch.begins("open", place);
        int descriptor = Libc.openat(Libc.AT_FDCWD, name, DIRECTORY_FLAGS, 0);
        watch.ended();
        return opened(descriptor, place, watch);
    }

    /** The path's bytes with the closing NUL: its URI has them all, its string not those that the locale can't say. */
    private static byte[] rawBytes(Path path) {
        var uri = path.toUri().getRawPath();
        var bytes = new ByteArrayOutputStream(uri.length() + 1);
        for (int i = 0; i < uri.length(); i++) {
            if (uri.charAt(i) == '%') {
                bytes.write(Integer.parseInt(uri, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.write(uri.charAt(i));
            }
        }
        bytes.write(0);
        return bytes.toByteArray();
    }

    private static Attempt<DirectoryHandle> opened(int descriptor, Place place, CallWatch watch) {
        return descriptor < 0
                ? new Attempt.Failed<>(Libc.lastError())
                : new Attempt.Done<>(new DirectoryHandle(descriptor, place, watch));
    }

    /** Opens a directory in this one; a link or a file there is {@code ENOTDIR}. */
    public Attempt<DirectoryHandle> openDirectory(byte[] name) {
        return opened(openAt("open", name, DIRECTORY_FLAGS | Libc.O_NOFOLLOW, 0), place.child(name), watch);
    }

    /** Opens the directory at {@code path} below this one, one component at a time, following no link. */
    public Attempt<DirectoryHandle> openDirectory(EntryPath path) {
        var step = openDirectory(path.first().bytes());
        var rest = path.withoutFirst();
        while (rest.isPresent() && step instanceof Attempt.Done<DirectoryHandle> done) {
            try (var above = done.value()) {
                step = above.openDirectory(rest.get().first().bytes());
            }
            rest = rest.get().withoutFirst();
        }
        return step;
    }

    /**
     * Opens a file in this directory for reading, without waiting: a FIFO without a writer does not block. Ask for the
     * type first all the same, because to open a device may do something. A link is {@code ELOOP}.
     */
    public Attempt<FileHandle> openFile(byte[] name) {
        return openedFile(openAt("open", name, READ_FLAGS, 0), name);
    }

    /** As {@link #openFile(byte[])}, for the name at the cursor. */
    public Attempt<FileHandle> openFile(NameBuffer name) {
        watch.begins("open", place, name);
        int opened = Libc.openat(open(), name.nameAddress(), READ_FLAGS, 0);
        watch.ended();
        // Only a watch asks for the name, and a copy for nobody would cost as much as the call's own bookkeeping.
        return openedFile(opened, watch == CallWatch.NONE ? new byte[] {'?'} : name.name());
    }

    /** Makes a new empty file for writing; {@code EEXIST} when the name is taken, by a link as well. */
    public Attempt<FileHandle> createFile(byte[] name, int mode) {
        return openedFile(openAt("create", name, CREATE_FLAGS, mode & 0777), name);
    }

    /** Opens a file for writing over what it holds, and makes it when nothing is there. A link is {@code ELOOP}. */
    public Attempt<FileHandle> openOrCreateFile(byte[] name, int mode) {
        return openedFile(openAt("open", name, OVERWRITE_FLAGS, mode & 0777), name);
    }

    /**
     * Opens a FIFO in this directory for writing, without waiting for a reader: {@code ENXIO} when there is none
     * (fifo(7)). The caller asks for the type: anything else that may be written is opened as well.
     */
    public Attempt<FileHandle> openFifo(byte[] name) {
        return openedFile(openAt("open", name, FIFO_FLAGS, 0), name);
    }

    private int openAt(String operation, byte[] name, int flags, int mode) {
        return (int) watched(operation, name, () -> Libc.openat(open(), Libc.oneName(name), flags, mode));
    }

    private Attempt<FileHandle> openedFile(int opened, byte[] name) {
        return opened < 0
                ? new Attempt.Failed<>(Libc.lastError())
                : new Attempt.Done<>(new FileHandle(opened, place.child(name), watch));
    }

    /** Makes a call; the operating system's error of this thread is still the call's afterwards. */
    private long watched(String operation, byte[] name, LongSupplier call) {
        watch.begins(operation, place, name);
        try {
            return call.getAsLong();
        } finally {
            watch.ended();
        }
    }

    private long watched(String operation, LongSupplier call) {
        watch.begins(operation, place);
        try {
            return call.getAsLong();
        } finally {
            watch.ended();
        }
    }

    /**
     * Reads the next part of the names into {@code into}.
     *
     * @return a positive number when there are some, 0 after the last, or the negative error number
     */
    public int readNames(NameBuffer into) {
        watch.begins("read names", place);
        long got = Libc.syscall(Libc.SYS_GETDENTS64, open(), into.address(), into.sizeBytes(), 0, 0);
        watch.ended();
        into.filled((int) Math.max(0, got));
        return got < 0 ? -Libc.lastError().number() : (int) got;
    }

    /** Lets {@link #readNames} start anew. */
    public Errno rewind() {
        return errorOf(watched("rewind", () -> Libc.lseek(open(), 0, 0)));
    }

    /** Asks for type, size and times of the entry at the cursor, not following a link; 0 or the negative error number. */
    public int stat(NameBuffer name, StatBuffer into) {
        watch.begins("stat", place, name);
        long result = Libc.syscall(Libc.SYS_STATX, open(), name.nameAddress(), STAT_FLAGS, STAT_MASK, into.address());
        watch.ended();
        return result == 0 ? 0 : -Libc.lastError().number();
    }

    /** As {@link #stat(NameBuffer, StatBuffer)}, for a name. */
    public int stat(byte[] name, StatBuffer into) {
        try (var copy = new NativeBuffer(name.length + 1)) {
            copy.bytes().put(Libc.oneName(name));
            long result = watched(
                    "stat",
                    name,
                    () -> Libc.syscall(Libc.SYS_STATX, open(), copy.address(), STAT_FLAGS, STAT_MASK, into.address()));
            return result == 0 ? 0 : -Libc.lastError().number();
        }
    }

    /** Asks for this directory's own type and times; 0 or the negative error number. */
    public int stat(StatBuffer into) {
        return statDescriptor(open(), into, place, watch);
    }

    static int statDescriptor(int descriptor, StatBuffer into, Place place, CallWatch watch) {
        watch.begins("stat", place);
        long result = Libc.syscall(
                Libc.SYS_STATX, descriptor, EMPTY_NAME.address(), Libc.AT_EMPTY_PATH, STAT_MASK, into.address());
        watch.ended();
        return result == 0 ? 0 : -Libc.lastError().number();
    }

    /** Makes a directory; {@code EEXIST} when the name is taken. */
    public Errno makeDirectory(byte[] name, int mode) {
        return errorOf(watched("mkdir", name, () -> Libc.mkdirat(open(), Libc.oneName(name), mode & 0777)));
    }

    /** Removes an entry that is not a directory; a link itself, not what it points to. */
    public Errno removeFile(byte[] name) {
        return errorOf(watched("unlink", name, () -> Libc.unlinkat(open(), Libc.oneName(name), 0)));
    }

    /** Removes an empty directory. */
    public Errno removeDirectory(byte[] name) {
        return errorOf(watched("rmdir", name, () -> Libc.unlinkat(open(), Libc.oneName(name), Libc.AT_REMOVEDIR)));
    }

    /** Gives the file a second name; {@code EEXIST} when it is taken. */
    public Errno link(byte[] name, DirectoryHandle toDirectory, byte[] toName) {
        return errorOf(watched(
                "link",
                name,
                () -> Libc.linkat(open(), Libc.oneName(name), toDirectory.open(), Libc.oneName(toName), 0)));
    }

    /**
     * Makes a symbolic link; {@code EEXIST} when the name is taken.
     *
     * @param target what it says, as raw bytes without NUL; nothing is looked up
     */
    public Errno makeLink(byte[] name, byte[] target) {
        return errorOf(watched(
                "symlink",
                name,
                () -> Libc.symlinkat(Arrays.copyOf(target, target.length + 1), open(), Libc.oneName(name))));
    }

    /**
     * Renames an entry, in one step that others see whole. {@code EINVAL} or {@code ENOSYS}: the file system or the
     * kernel does not know {@link Existing#REFUSE} or {@link Existing#EXCHANGE}; link and rename instead.
     */
    public Errno rename(byte[] name, DirectoryHandle toDirectory, byte[] toName, Existing existing) {
        var from = Libc.oneName(name);
        var to = Libc.oneName(toName);
        if (existing == Existing.REPLACE) {
            return errorOf(watched("rename", name, () -> Libc.renameat(open(), from, toDirectory.open(), to)));
        }
        return errorOf(watched(
                "rename",
                name,
                () -> Libc.syscall(Libc.SYS_RENAMEAT2, open(), from, toDirectory.open(), to, existing.flag)));
    }

    /** Sets an entry's modification time exactly, a link's own too, and leaves the access time. */
    public Errno setModificationTime(byte[] name, long mtimeNanos) {
        return errorOf(watched(
                "utime",
                name,
                () -> Libc.utimensat(
                        open(), Libc.oneName(name), Libc.modificationTime(mtimeNanos), Libc.AT_SYMLINK_NOFOLLOW)));
    }

    /**
     * Sets the permission bits, 0 to 0777, of a file or directory that may be opened for reading. It is opened first,
     * because fchmodat(2) follows links on all kernels before 6.6. A link is {@code ELOOP}.
     */
    public Errno setMode(byte[] name, int mode) {
        var attempt = openFile(name);
        if (attempt instanceof Attempt.Done<FileHandle> done) {
            try (var file = done.value()) {
                return file.setMode(mode);
            }
        }
        return ((Attempt.Failed<FileHandle>) attempt).errno();
    }

    /** Asks what the directory's file system has left. */
    public Attempt<FileSystemSpace> space() {
        try (var buffer = new NativeBuffer(Libc.STATFS_BYTES)) {
            if (watched("statfs", () -> Libc.fstatfs(open(), buffer.address())) != 0) {
                return new Attempt.Failed<>(Libc.lastError());
            }
            var statfs = buffer.bytes();
            long blockBytes = statfs.getLong(Libc.STATFS_BLOCK_BYTES);
            long blocks = statfs.getLong(Libc.STATFS_AVAILABLE_BLOCKS);
            // A file system that counts no inodes at all, as btrfs, makes them as needed.
            long inodes =
                    statfs.getLong(Libc.STATFS_INODES) == 0 ? Long.MAX_VALUE : statfs.getLong(Libc.STATFS_FREE_INODES);
            return new Attempt.Done<>(new FileSystemSpace(blockBytes * blocks, inodes));
        }
    }

    /**
     * Returns when everything that was written to the directory's file system is on its device (syncfs(2)). For many
     * files one such call costs far less than an fsync each.
     */
    public Errno syncFileSystem() {
        return errorOf(watched("syncfs", () -> Libc.syncfs(open())));
    }

    /** Returns when the directory's names are on the device (fsync(2)). */
    public Errno sync() {
        return errorOf(watched("fsync", () -> Libc.fsync(open())));
    }

    private static Errno errorOf(long result) {
        return result == 0 ? Errno.NONE : Libc.lastError();
    }

    private int open() {
        if (closed) {
            throw new IllegalStateException("the directory is closed");
        }
        return descriptor;
    }

    /** Closes the directory; again is harmless. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            watched("close", () -> Libc.close(descriptor));
        }
    }
}
