package io.lockstep.agent.posix;

import java.util.function.LongSupplier;

/** An open file. Closed on exec, so that no child process inherits it. For one thread at a time. */
public final class FileHandle implements AutoCloseable {
    private final int descriptor;
    private final Place place;
    private final CallWatch watch;
    private boolean closed;

    FileHandle(int descriptor, Place place, CallWatch watch) {
        this.descriptor = descriptor;
        this.place = place;
        this.watch = watch;
    }

    /** Makes a call; the operating system's error of this thread is still the call's afterwards. */
    private long watched(String operation, LongSupplier call) {
        watch.begins(operation, place);
        try {
            return call.getAsLong();
        } finally {
            watch.ended();
        }
    }

    /**
     * Reads up to {@code maxBytes} into the start of {@code into}.
     *
     * @return how many bytes, 0 at the end of the file, or the negative error number
     */
    public int read(NativeBuffer into, int maxBytes) {
        long got;
        do {
            watch.begins("read", place);
            got = Libc.read(open(), into.address(), Math.min(maxBytes, into.sizeBytes()));
            watch.ended();
        } while (got < 0 && Libc.lastError().equals(Errno.EINTR));
        return got < 0 ? -Libc.lastError().number() : (int) got;
    }

    /** As {@link #read}, from {@code position}; the place where {@link #read} goes on stays as it is (pread(2)). */
    public int readAt(long position, NativeBuffer into, int maxBytes) {
        long got;
        do {
            got = Libc.pread(open(), into.address(), Math.min(maxBytes, into.sizeBytes()), position);
        } while (got < 0 && Libc.lastError().equals(Errno.EINTR));
        return got < 0 ? -Libc.lastError().number() : (int) got;
    }

    /**
     * Asks whether a process of this host has the file open for writing, by taking a read lease and dropping it at once
     * (fcntl(2), F_SETLEASE): the lease is refused while any writer has the file open. The handle must be open for
     * reading only.
     *
     * <p>What a writer notices: its open(2) for writing, or truncate(2), that falls between the two calls waits until
     * the lease is dropped, some microseconds; opened with O_NONBLOCK it is refused with EWOULDBLOCK instead. Were this
     * process stopped between the calls, the writer would wait until it goes on, at most
     * {@code /proc/sys/fs/lease-break-time}, 45 s. Writers that have the file open already notice nothing, and neither
     * do readers and renames.
     */
    public Writers writers() {
        // The kernel tells the holder of a lease of a writer that comes, by SIGIO, whose default ends the process.
        // SIGURG's default is to do nothing, and the JVM has no handler for it.
        if (Libc.syscall(Libc.SYS_FCNTL, open(), Libc.F_SETSIG, Libc.SIGURG, 0, 0) != 0) {
            return new Writers.NotAskable(Libc.lastError());
        }
        if (Libc.syscall(Libc.SYS_FCNTL, open(), Libc.F_SETLEASE, Libc.F_RDLCK, 0, 0) != 0) {
            var errno = Libc.lastError();
            return errno.equals(Errno.EAGAIN) ? new Writers.Some() : new Writers.NotAskable(errno);
        }
        // Closing the descriptor would drop the lease too, so that an error here has no consequence.
        Libc.syscall(Libc.SYS_FCNTL, open(), Libc.F_SETLEASE, Libc.F_UNLCK, 0, 0);
        return new Writers.None();
    }

    /** Writes the first {@code length} bytes of {@code from}, all of them unless an error is returned. */
    public Errno write(NativeBuffer from, int length) {
        if (length < 0 || length > from.sizeBytes()) {
            throw new IllegalArgumentException("can't write " + length + " of " + from.sizeBytes() + " bytes");
        }
        int done = 0;
        while (done < length) {
            watch.begins("write", place);
            long wrote = Libc.write(open(), from.address() + done, length - done);
            watch.ended();
            if (wrote >= 0) {
                done += (int) wrote;
            } else if (!Libc.lastError().equals(Errno.EINTR)) {
                return Libc.lastError();
            }
        }
        return Errno.NONE;
    }

    /** Asks for type, size and times; 0 or the negative error number. */
    public int stat(StatBuffer into) {
        return DirectoryHandle.statDescriptor(open(), into, place, watch);
    }

    /** Sets the permission bits, 0 to 0777. */
    public Errno setMode(int mode) {
        return watched("chmod", () -> Libc.fchmod(open(), mode & 0777)) == 0 ? Errno.NONE : Libc.lastError();
    }

    /** Sets the modification time exactly and leaves the access time. */
    public Errno setModificationTime(long mtimeNanos) {
        return watched("utime", () -> Libc.futimens(open(), Libc.modificationTime(mtimeNanos))) == 0
                ? Errno.NONE
                : Libc.lastError();
    }

    /** Returns when content and attributes are on the device (fsync(2)). */
    public Errno sync() {
        return watched("fsync", () -> Libc.fsync(open())) == 0 ? Errno.NONE : Libc.lastError();
    }

    private int open() {
        if (closed) {
            throw new IllegalStateException("the file is closed");
        }
        return descriptor;
    }

    /** Closes the file; again is harmless. On Linux the descriptor is free even when close(2) reports an error. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            watched("close", () -> Libc.close(descriptor));
        }
    }
}
