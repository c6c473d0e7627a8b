package io.lockstep.agent.faulty;

import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.types.off_t;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/**
 * The C library's calls, on the structures that FUSE hands out, so that nothing is lost on the way: not a nanosecond of
 * a time, not a bit of a mode.
 */
@SuppressWarnings("checkstyle:MethodName")
public interface FileCalls {
    int AT_FDCWD = -100;
    int AT_SYMLINK_NOFOLLOW = 0x100;

    FileCalls LIBRARY = LibraryLoader.create(FileCalls.class).failImmediately().load("c");

    int lstat(String path, Pointer stat);

    int fstat(int file, Pointer stat);

    int open(String path, int flags, int mode);

    int close(int file);

    @ssize_t
    long pread(int file, Pointer buffer, @size_t long size, @off_t long offset);

    @ssize_t
    long pwrite(int file, Pointer buffer, @size_t long size, @off_t long offset);

    int fsync(int file);

    int rename(String from, String to);

    int mkdir(String path, int mode);

    int rmdir(String path);

    int unlink(String path);

    int symlink(String target, String path);

    int link(String from, String to);

    @ssize_t
    long readlink(String path, Pointer buffer, @size_t long size);

    int chmod(String path, int mode);

    int lchown(String path, int user, int group);

    int truncate(String path, @off_t long size);

    int ftruncate(int file, @off_t long size);

    int utimensat(int directory, String path, Pointer times, int flags);

    int statvfs(String path, Pointer stat);

    int umask(int mask);

    /** A call's result as FUSE wants it: not negative, or the negative error number. Right after the call. */
    static long answer(long result) {
        return result >= 0 ? result : -LastError.getLastError(Runtime.getSystemRuntime());
    }
}
