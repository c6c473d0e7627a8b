package io.lockstep.agent.faulty;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import jnr.ffi.Pointer;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.FuseFillDir;
import ru.serce.jnrfuse.FuseStubFS;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseFileInfo;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * A directory passed through, with faults. Every call is given to the operating system for the same path below the
 * backing directory; nothing is cached, by this or by the kernel.
 *
 * <p>While the view is stale there are two directories: what is read comes from a copy of the moment when it became
 * stale, and what is written goes to both, as with a network file system's client that sees its own writes and nobody
 * else's.
 */
final class FaultyFileSystem extends FuseStubFS {
    private static final int EBADF = 9;
    private static final int O_ACCMODE = 3;
    private static final int O_CREAT = 0100;
    private static final int O_DIRECT = 040000;
    private static final int O_DIRECTORY = 0200000;

    /** The number of functions in struct fuse_operations before its flags (libfuse 2.9, fuse.h). */
    private static final int FUNCTIONS_BEFORE_FLAGS = 38;

    private static final int UTIME_OMIT_OK = 1 << 2;
    private static final FileCalls CALLS = FileCalls.LIBRARY;

    private final String backing;
    private final FaultSwitch faults;
    private final CountDownLatch asked = new CountDownLatch(1);
    private final ConcurrentHashMap<Long, OpenFile> files = new ConcurrentHashMap<>();
    private final AtomicLong lastFile = new AtomicLong();
    private volatile List<String> roots;
    private volatile Map<String, Long> inodesWhenStale = Map.of();

    FaultyFileSystem(String backing, FaultSwitch faults) {
        this.backing = backing;
        this.faults = faults;
        roots = List.of(backing);
        // Without it libfuse drops a call that sets the time of change alone.
        long flags = (long) FUNCTIONS_BEFORE_FLAGS * Long.BYTES;
        Struct.getMemory(fuseOperations).putInt(flags, UTIME_OMIT_OK);
    }

    /** One open file in each of the roots of the moment. */
    private record OpenFile(List<Integer> descriptors) {
        int reading() {
            return descriptors.get(descriptors.size() - 1);
        }
    }

    /** Opens when the kernel has asked the first question, so that the mount is in the mount table. */
    CountDownLatch asked() {
        return asked;
    }

    /**
     * Shows {@code copy} from now on.
     *
     * @param inodes the originals' inode numbers by path, since a stale view is no other file system
     */
    void showStale(String copy, Map<String, Long> inodes) {
        inodesWhenStale = Map.copyOf(inodes);
        roots = List.of(backing, copy);
    }

    void showFresh() {
        roots = List.of(backing);
        inodesWhenStale = Map.of();
    }

    @Override
    public Pointer init(Pointer connection) {
        asked.countDown();
        return connection;
    }

    private int strike(Operation operation, String path) {
        return faults.strike(operation, path);
    }

    private String shown(String path) {
        var now = roots;
        return now.get(now.size() - 1) + path;
    }

    /** Does the call below each root; the backing directory's answer counts. */
    private int change(ToLongFunction<String> call) {
        long answer = 0;
        for (var root : roots) {
            long result = FileCalls.answer(call.applyAsLong(root));
            answer = root.equals(backing) ? result : answer;
        }
        return (int) answer;
    }

    private int change(Operation operation, String path, ToLongFunction<String> call) {
        int refused = strike(operation, path);
        return refused != 0 ? refused : change(call);
    }

    @Override
    public int getattr(String path, FileStat stat) {
        int refused = strike(Operation.STAT, path);
        if (refused != 0) {
            return refused;
        }
        int answer = (int) FileCalls.answer(CALLS.lstat(shown(path), Struct.getMemory(stat)));
        return answer != 0 ? answer : disguise(path, stat);
    }

    private int disguise(String path, FileStat stat) {
        var inode = inodesWhenStale.get(path);
        if (inode != null) {
            stat.st_ino.set(inode);
        }
        if ((stat.st_mode.intValue() & FileStat.S_IFMT) == FileStat.S_IFREG
                && faults.isTruncated(Operation.STAT, path)) {
            stat.st_size.set(stat.st_size.longValue() / 2);
        }
        return 0;
    }

    @Override
    public int fgetattr(String path, FileStat stat, FuseFileInfo info) {
        int refused = strike(Operation.STAT, path);
        if (refused != 0) {
            return refused;
        }
        var file = files.get(info.fh.get());
        if (file == null) {
            return -EBADF;
        }
        int answer = (int) FileCalls.answer(CALLS.fstat(file.reading(), Struct.getMemory(stat)));
        return answer != 0 ? answer : disguise(path, stat);
    }

    @Override
    public int readlink(String path, Pointer buffer, long size) {
        int refused = strike(Operation.STAT, path);
        if (refused != 0) {
            return refused;
        }
        long length = FileCalls.answer(CALLS.readlink(shown(path), buffer, size - 1));
        if (length < 0) {
            return (int) length;
        }
        buffer.putByte(length, (byte) 0);
        return 0;
    }

    @Override
    public int opendir(String path, FuseFileInfo info) {
        return strike(Operation.READDIR, path);
    }

    @Override
    public int readdir(String path, Pointer buffer, FuseFillDir filler, long offset, FuseFileInfo info) {
        int refused = strike(Operation.READDIR, path);
        if (refused != 0) {
            return refused;
        }
        var directory = shown(path);
        int descriptor = (int) FileCalls.answer(CALLS.open(directory, O_DIRECTORY, 0));
        if (descriptor < 0) {
            return descriptor;
        }
        CALLS.close(descriptor);
        var names = new File(directory).list();
        if (names == null) {
            return -Fault.Kind.EIO.errno();
        }
        filler.apply(buffer, ".", null, 0);
        filler.apply(buffer, "..", null, 0);
        for (var name : names) {
            filler.apply(buffer, name, null, 0);
        }
        return 0;
    }

    @Override
    public int releasedir(String path, FuseFileInfo info) {
        return 0;
    }

    @Override
    public int open(String path, FuseFileInfo info) {
        int flags = info.flags.get();
        int refused = strike((flags & O_ACCMODE) == 0 ? Operation.OPEN : Operation.OPEN_FOR_WRITE, path);
        return refused != 0 ? refused : open(path, flags, 0, info);
    }

    @Override
    public int create(String path, long mode, FuseFileInfo info) {
        int refused = strike(Operation.CREATE, path);
        return refused != 0 ? refused : open(path, info.flags.get() | O_CREAT, (int) mode, info);
    }

    private int open(String path, int flags, int mode, FuseFileInfo info) {
        var descriptors = new ArrayList<Integer>();
        for (var root : roots) {
            int descriptor = (int) FileCalls.answer(CALLS.open(root + path, flags & ~O_DIRECT, mode));
            if (descriptor < 0) {
                descriptors.forEach(CALLS::close);
                return descriptor;
            }
            descriptors.add(descriptor);
        }
        long number = lastFile.incrementAndGet();
        files.put(number, new OpenFile(descriptors));
        info.fh.set(number);
        return 0;
    }

    @Override
    public int read(String path, Pointer buffer, long size, long offset, FuseFileInfo info) {
        int refused = strike(Operation.READ, path);
        if (refused != 0) {
            return refused;
        }
        var file = files.get(info.fh.get());
        if (file == null) {
            return -EBADF;
        }
        long wanted = size;
        if (faults.isTruncated(Operation.READ, path)) {
            wanted = Math.max(0, Math.min(size, new File(shown(path)).length() / 2 - offset));
        }
        return (int) FileCalls.answer(CALLS.pread(file.reading(), buffer, wanted, offset));
    }

    @Override
    public int write(String path, Pointer buffer, long size, long offset, FuseFileInfo info) {
        int refused = strike(Operation.WRITE, path);
        return refused != 0 ? refused : each(info, file -> CALLS.pwrite(file, buffer, size, offset));
    }

    private int each(FuseFileInfo info, ToLongFunction<Integer> call) {
        var file = files.get(info.fh.get());
        if (file == null) {
            return -EBADF;
        }
        long first = 0;
        for (int i = 0; i < file.descriptors().size(); i++) {
            long answer = FileCalls.answer(call.applyAsLong(file.descriptors().get(i)));
            first = i == 0 ? answer : first;
        }
        return (int) first;
    }

    @Override
    public int flush(String path, FuseFileInfo info) {
        return 0;
    }

    @Override
    public int release(String path, FuseFileInfo info) {
        var file = files.remove(info.fh.get());
        if (file != null) {
            file.descriptors().forEach(CALLS::close);
        }
        return 0;
    }

    @Override
    public int fsync(String path, int onlyData, FuseFileInfo info) {
        int refused = strike(Operation.FSYNC, path);
        return refused != 0 ? refused : each(info, CALLS::fsync);
    }

    @Override
    public int fsyncdir(String path, FuseFileInfo info) {
        int refused = strike(Operation.FSYNC, path);
        if (refused != 0) {
            return refused;
        }
        return change(root -> {
            int directory = CALLS.open(root + path, O_DIRECTORY, 0);
            return directory < 0 ? directory : CALLS.fsync(directory) + CALLS.close(directory);
        });
    }

    @Override
    public int rename(String from, String to) {
        int refused = strike(Operation.RENAME, from);
        return refused != 0 ? refused : change(Operation.RENAME, to, root -> CALLS.rename(root + from, root + to));
    }

    @Override
    public int mkdir(String path, long mode) {
        return change(Operation.CREATE, path, root -> CALLS.mkdir(root + path, (int) mode));
    }

    @Override
    public int symlink(String target, String path) {
        return change(Operation.CREATE, path, root -> CALLS.symlink(target, root + path));
    }

    @Override
    public int link(String from, String to) {
        return change(Operation.CREATE, to, root -> CALLS.link(root + from, root + to));
    }

    @Override
    public int unlink(String path) {
        return change(Operation.UNLINK, path, root -> CALLS.unlink(root + path));
    }

    @Override
    public int rmdir(String path) {
        return change(Operation.UNLINK, path, root -> CALLS.rmdir(root + path));
    }

    @Override
    public int chmod(String path, long mode) {
        return change(Operation.SETATTR, path, root -> CALLS.chmod(root + path, (int) mode));
    }

    @Override
    public int chown(String path, long user, long group) {
        return change(Operation.SETATTR, path, root -> CALLS.lchown(root + path, (int) user, (int) group));
    }

    @Override
    public int truncate(String path, long size) {
        return change(Operation.SETATTR, path, root -> CALLS.truncate(root + path, size));
    }

    @Override
    public int ftruncate(String path, long size, FuseFileInfo info) {
        int refused = strike(Operation.SETATTR, path);
        return refused != 0 ? refused : each(info, file -> CALLS.ftruncate(file, size));
    }

    @Override
    public int utimens(String path, Timespec[] times) {
        var both = Struct.getMemory(times[0]);
        return change(
                Operation.SETATTR,
                path,
                root -> CALLS.utimensat(FileCalls.AT_FDCWD, root + path, both, FileCalls.AT_SYMLINK_NOFOLLOW));
    }

    @Override
    public int statfs(String path, Statvfs stat) {
        int refused = strike(Operation.STATFS, path);
        return refused != 0 ? refused : (int) FileCalls.answer(CALLS.statvfs(backing + path, Struct.getMemory(stat)));
    }
}
