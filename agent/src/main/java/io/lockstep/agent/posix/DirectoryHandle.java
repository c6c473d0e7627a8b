package io.lockstep.agent.posix;

import io.lockstep.artifact.EntryPath;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An open directory. Every call takes the name of one entry directly in it and never follows a link, so that nothing
 * can climb out of a tree whatever is renamed or linked meanwhile.
 *
 * <p>Names are raw bytes. Failures that a file system can cause are values: an {@link Errno}, an {@link Attempt}, or
 * where speed counts an {@code int} that is the negative error number. A name that is not one entry's (empty, {@code .},
 * {@code ..}, with a slash or NUL) is the caller's error: {@link IllegalArgumentException}. Closed on exec, so that no
 * child process inherits it. Several threads may use one handle; only one closes it, after the others are done.
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
    private volatile boolean closed;

    private DirectoryHandle(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Opens the directory at {@code path}, following links on the way and at its end. */
    public static Attempt<DirectoryHandle> open(Path path) {
        return opened(Libc.openat(Libc.AT_FDCWD, rawBytes(path), DIRECTORY_FLAGS, 0));
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

    private static Attempt<DirectoryHandle> opened(int descriptor) {
        return descriptor < 0
                ? new Attempt.Failed<>(Libc.lastError())
                : new Attempt.Done<>(new DirectoryHandle(descriptor));
    }

    /** Opens a directory in this one; a link or a file there is {@code ENOTDIR}. */
    public Attempt<DirectoryHandle> openDirectory(byte[] name) {
        return opened(Libc.openat(open(), Libc.oneName(name), DIRECTORY_FLAGS | Libc.O_NOFOLLOW, 0));
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
        return openedFile(Libc.openat(open(), Libc.oneName(name), READ_FLAGS, 0));
    }

    /** As {@link #openFile(byte[])}, for the name at the cursor. */
    public Attempt<FileHandle> openFile(NameBuffer name) {
        return openedFile(Libc.openat(open(), name.nameAddress(), READ_FLAGS, 0));
    }

    /** Makes a new empty file for writing; {@code EEXIST} when the name is taken, by a link as well. */
    public Attempt<FileHandle> createFile(byte[] name, int mode) {
        return openedFile(Libc.openat(open(), Libc.oneName(name), CREATE_FLAGS, mode & 0777));
    }

    /** Opens a file for writing over what it holds, and makes it when nothing is there. A link is {@code ELOOP}. */
    public Attempt<FileHandle> openOrCreateFile(byte[] name, int mode) {
        return openedFile(Libc.openat(open(), Libc.oneName(name), OVERWRITE_FLAGS, mode & 0777));
    }

    /**
     * Opens a FIFO in this directory for writing, without waiting for a reader: {@code ENXIO} when there is none
     * (fifo(7)). The caller asks for the type: anything else that may be written is opened as well.
     */
    public Attempt<FileHandle> openFifo(byte[] name) {
        return openedFile(Libc.openat(open(), Libc.oneName(name), FIFO_FLAGS, 0));
    }

    private static Attempt<FileHandle> openedFile(int descriptor) {
        return descriptor < 0 ? new Attempt.Failed<>(Libc.lastError()) : new Attempt.Done<>(new FileHandle(descriptor));
    }

    /**
     * Reads the next part of the names into {@code into}.
     *
     * @return a positive number when there are some, 0 after the last, or the negative error number
     */
    public int readNames(NameBuffer into) {
        long got = Libc.syscall(Libc.SYS_GETDENTS64, open(), into.address(), into.sizeBytes(), 0, 0);
        into.filled((int) Math.max(0, got));
        return got < 0 ? -Libc.lastError().number() : (int) got;
    }

    /** Lets {@link #readNames} start anew. */
    public Errno rewind() {
        return errorOf(Libc.lseek(open(), 0, 0));
    }

    /** Asks for type, size and times of the entry at the cursor, not following a link; 0 or the negative error number. */
    public int stat(NameBuffer name, StatBuffer into) {
        long result = Libc.syscall(Libc.SYS_STATX, open(), name.nameAddress(), STAT_FLAGS, STAT_MASK, into.address());
        return result == 0 ? 0 : -Libc.lastError().number();
    }

    /** As {@link #stat(NameBuffer, StatBuffer)}, for a name. */
    public int stat(byte[] name, StatBuffer into) {
        try (var copy = new NativeBuffer(name.length + 1)) {
            copy.bytes().put(Libc.oneName(name));
            long result = Libc.syscall(Libc.SYS_STATX, open(), copy.address(), STAT_FLAGS, STAT_MASK, into.address());
            return result == 0 ? 0 : -Libc.lastError().number();
        }
    }

    /** Asks for this directory's own type and times; 0 or the negative error number. */
    public int stat(StatBuffer into) {
        return statDescriptor(open(), into);
    }

    static int statDescriptor(int descriptor, StatBuffer into) {
        long result = Libc.syscall(
                Libc.SYS_STATX, descriptor, EMPTY_NAME.address(), Libc.AT_EMPTY_PATH, STAT_MASK, into.address());
        return result == 0 ? 0 : -Libc.lastError().number();
    }

    /** Makes a directory; {@code EEXIST} when the name is taken. */
    public Errno makeDirectory(byte[] name, int mode) {
        return errorOf(Libc.mkdirat(open(), Libc.oneName(name), mode & 0777));
    }

    /** Removes an entry that is not a directory; a link itself, not what it points to. */
    public Errno removeFile(byte[] name) {
        return errorOf(Libc.unlinkat(open(), Libc.oneName(name), 0));
    }

    /** Removes an empty directory. */
    public Errno removeDirectory(byte[] name) {
        return errorOf(Libc.unlinkat(open(), Libc.oneName(name), Libc.AT_REMOVEDIR));
    }

    /** Gives the file a second name; {@code EEXIST} when it is taken. */
    public Errno link(byte[] name, DirectoryHandle toDirectory, byte[] toName) {
        return errorOf(Libc.linkat(open(), Libc.oneName(name), toDirectory.open(), Libc.oneName(toName), 0));
    }

    /**
     * Makes a symbolic link; {@code EEXIST} when the name is taken.
     *
     * @param target what it says, as raw bytes without NUL; nothing is looked up
     */
    public Errno makeLink(byte[] name, byte[] target) {
        return errorOf(Libc.symlinkat(Arrays.copyOf(target, target.length + 1), open(), Libc.oneName(name)));
    }

    /**
     * Renames an entry, in one step that others see whole. {@code EINVAL} or {@code ENOSYS}: the file system or the
     * kernel does not know {@link Existing#REFUSE} or {@link Existing#EXCHANGE}; link and rename instead.
     */
    public Errno rename(byte[] name, DirectoryHandle toDirectory, byte[] toName, Existing existing) {
        var from = Libc.oneName(name);
        var to = Libc.oneName(toName);
        if (existing == Existing.REPLACE) {
            return errorOf(Libc.renameat(open(), from, toDirectory.open(), to));
        }
        return errorOf(Libc.syscall(Libc.SYS_RENAMEAT2, open(), from, toDirectory.open(), to, existing.flag));
    }

    /** Sets an entry's modification time exactly, a link's own too, and leaves the access time. */
    public Errno setModificationTime(byte[] name, long mtimeNanos) {
        return errorOf(Libc.utimensat(
                open(), Libc.oneName(name), Libc.modificationTime(mtimeNanos), Libc.AT_SYMLINK_NOFOLLOW));
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
            if (Libc.fstatfs(open(), buffer.address()) != 0) {
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
        return errorOf(Libc.syncfs(open()));
    }

    /** Returns when the directory's names are on the device (fsync(2)). */
    public Errno sync() {
        return errorOf(Libc.fsync(open()));
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
            Libc.close(descriptor);
        }
    }
}
