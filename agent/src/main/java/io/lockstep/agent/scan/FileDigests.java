package io.lockstep.agent.scan;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.FileHandle;
import io.lockstep.agent.posix.NameBuffer;
import io.lockstep.agent.posix.NativeBuffer;
import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.Stamp;
import io.lockstep.digest.Digest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** Reads files and computes their digests, with buffers that are used again and again. For one thread. */
final class FileDigests implements AutoCloseable {
    /** What came of reading one file. */
    sealed interface FileRead {
        /**
         * The content, and the stamp that it had before and after it was read.
         *
         * @param mode permission bits, 0 to 0777
         */
        record Read(Stamp stamp, int mode, Digest digest) implements FileRead {}

        /** It is no longer what the stamp said: look again. */
        record Changed() implements FileRead {}

        /** The operating system refused. */
        record Refused(Errno errno) implements FileRead {}

        /** The scan was stopped meanwhile. */
        record Stopped() implements FileRead {}
    }

    private static final int PART_BYTES = 128 * 1024;
    private static final FileRead CHANGED = new FileRead.Changed();
    private static final FileRead STOPPED = new FileRead.Stopped();

    /** Made when the first file is read: most scans read none. */
    private @Nullable Part part;

    private final StatBuffer stat = new StatBuffer();
    private final MessageDigest sha256 = Digest.newSha256();
    private final LongPredicate goOn;

    /** What is read at once: where the operating system puts it, and where it can be digested. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared: it is a place to read into.
    private record Part(NativeBuffer buffer, ByteBuffer bytes, byte[] copy) {
        Part(NativeBuffer buffer) {
            this(buffer, buffer.bytes(), new byte[PART_BYTES]);
        }
    }

    private Part part() {
        if (part == null) {
            part = new Part(new NativeBuffer(PART_BYTES));
        }
        return part;
    }

    /**
     * A reader of files.
     *
     * @param goOn told how many bytes were read just now; false to stop
     */
    FileDigests(LongPredicate goOn) {
        this.goOn = goOn;
    }

    /**
     * Reads the file at the cursor of {@code names}, which had {@code before} when it was looked at by name.
     *
     * <p>This is the second and third step of stat, read, stat. The first is the caller's look by name; the last asks the
     * opened file itself. When both agree on inode, size, mtime and ctime, then what was opened is what was looked at,
     * and nothing changed it in between; so a stat right after opening would add a call and no knowledge.
     */
    FileRead read(WalkedDirectory directory, NameBuffer names, Stamp before) {
        return open(directory, names, Optional.of(before));
    }

    /**
     * Reads the file at the cursor of {@code names}, of which the directory itself just said that it is a regular file,
     * so that opening it does nothing. All of stat, read, stat is done on the opened file, where a stat is cheaper than
     * by name.
     */
    FileRead read(WalkedDirectory directory, NameBuffer names) {
        return open(directory, names, Optional.empty());
    }

    private FileRead open(WalkedDirectory directory, NameBuffer names, Optional<Stamp> before) {
        var attempt = directory.handle().openFile(names);
        if (attempt instanceof Attempt.Done<FileHandle> done) {
            try (var file = done.value()) {
                return before.isPresent() ? read(file, before.get()) : statAndRead(file);
            }
        }
        var errno = ((Attempt.Failed<FileHandle>) attempt).errno();
        boolean replaced = errno.equals(Errno.ENOENT)
                || errno.equals(Errno.ELOOP)
                || errno.equals(Errno.ENXIO)
                || errno.equals(Errno.ENOTDIR);
        return replaced ? CHANGED : new FileRead.Refused(errno);
    }

    private FileRead statAndRead(FileHandle file) {
        int result = file.stat(stat);
        if (result < 0) {
            return new FileRead.Refused(errno(result));
        }
        return stat.type() == EntryType.FILE ? read(file, stat.stamp()) : CHANGED;
    }

    /** Never reads more than the first look's size, so that what took the file's place can't feed the scan for ever. */
    private FileRead read(FileHandle file, Stamp before) {
        var to = part();
        sha256.reset();
        long left = before.sizeBytes();
        while (left > 0) {
            int got = file.read(to.buffer(), (int) Math.min(left, PART_BYTES));
            if (got < 0) {
                return failedOrReplaced(file, before, got);
            }
            if (got == 0) {
                return CHANGED;
            }
            to.bytes().get(0, to.copy(), 0, got);
            sha256.update(to.copy(), 0, got);
            left -= got;
            if (!goOn.test(got)) {
                return STOPPED;
            }
        }
        int result = file.stat(stat);
        if (result < 0) {
            return new FileRead.Refused(errno(result));
        }
        return isStill(before) ? new FileRead.Read(before, stat.mode(), Digest.finish(sha256)) : CHANGED;
    }

    /** A directory or FIFO that took the file's place refuses to be read; that is a change and no fault of the file. */
    private FileRead failedOrReplaced(FileHandle file, Stamp before, int result) {
        boolean replaced = file.stat(stat) == 0 && !isStill(before);
        return replaced ? CHANGED : new FileRead.Refused(errno(result));
    }

    private boolean isStill(Stamp before) {
        return stat.type() == EntryType.FILE && stat.hasStamp(before);
    }

    private static Errno errno(int result) {
        return new Errno(-result);
    }

    @Override
    public void close() {
        if (part != null) {
            part.buffer().close();
        }
        stat.close();
    }
}
