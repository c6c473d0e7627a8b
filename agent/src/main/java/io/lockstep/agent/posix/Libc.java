package io.lockstep.agent.posix;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Direct-mapped C functions and the constants that differ between processors. Addresses travel as {@code long}, so that
 * a call copies nothing and allocates nothing.
 *
 * <p>{@code statx}, {@code getdents64} and {@code renameat2} go through {@code syscall}, because the C libraries of
 * supported systems lack one or the other wrapper (glibc 2.28 has no {@code getdents64}, musl no {@code renameat2});
 * {@code fcntl} too, because a direct mapping can't say that a C function takes a varying number of arguments.
 * {@code statx} is used for every stat, because its layout is the same on all processors (statx(2)).
 */
final class Libc {
    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_REMOVEDIR = 0x200;
    static final int AT_NO_AUTOMOUNT = 0x800;
    static final int AT_EMPTY_PATH = 0x1000;

    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_CREAT = 0100;
    static final int O_EXCL = 0200;
    static final int O_NONBLOCK = 04000;
    static final int O_CLOEXEC = 02000000;
    static final int O_DIRECTORY;
    static final int O_NOFOLLOW;

    static final int F_SETSIG = 10;
    static final int F_SETLEASE = 1024;
    static final int F_RDLCK = 0;
    static final int F_UNLCK = 2;
    static final int SIGURG = 23;

    static final long SYS_FCNTL;
    static final long SYS_GETDENTS64;
    static final long SYS_RENAMEAT2;
    static final long SYS_STATX;

    /** {@code struct statfs} of 64-bit Linux: its size with room to spare, and where its fields lie (statfs(2)). */
    static final int STATFS_BYTES = 256;

    static final int STATFS_BLOCK_BYTES = 8;
    static final int STATFS_AVAILABLE_BLOCKS = 32;
    static final int STATFS_INODES = 40;
    static final int STATFS_FREE_INODES = 48;

    /** In a time's nanoseconds: leave this time as it is (utimensat(2)). */
    static final long UTIME_OMIT = 0x3ffffffeL;

    static {
        // <asm/fcntl.h> and <asm/unistd.h> of the two processors.
        switch (Platform.ARCH) {
            case "x86-64" -> {
                O_DIRECTORY = 0200000;
                O_NOFOLLOW = 0400000;
                SYS_FCNTL = 72;
                SYS_GETDENTS64 = 217;
                SYS_RENAMEAT2 = 316;
                SYS_STATX = 332;
            }
            case "aarch64" -> {
                O_DIRECTORY = 040000;
                O_NOFOLLOW = 0100000;
                SYS_FCNTL = 25;
                SYS_GETDENTS64 = 61;
                SYS_RENAMEAT2 = 276;
                SYS_STATX = 291;
            }
            default ->
                throw new UnsupportedOperationException(
                        "no system call numbers are known for " + Platform.ARCH + "; run on x86-64 or aarch64");
        }
        Native.register(Libc.class, Platform.C_LIBRARY_NAME);
    }

    private Libc() {}

    static native long syscall(long number, long a, long b, long c, long d, long e);

    static native long syscall(long number, long fromDirectory, byte[] from, long toDirectory, byte[] to, long flags);

    static native int openat(int directory, long name, int flags, int mode);

    static native int openat(int directory, byte[] name, int flags, int mode);

    static native int close(int descriptor);

    static native long read(int descriptor, long buffer, long count);

    static native long pread(int descriptor, long buffer, long count, long position);

    static native long write(int descriptor, long buffer, long count);

    static native long lseek(int descriptor, long offset, int whence);

    static native int fsync(int descriptor);

    static native int syncfs(int descriptor);

    static native int fstatfs(int descriptor, long buffer);

    static native int fchmod(int descriptor, int mode);

    static native int mkdirat(int directory, byte[] name, int mode);

    static native int unlinkat(int directory, byte[] name, int flags);

    static native int linkat(int fromDirectory, byte[] from, int toDirectory, byte[] to, int flags);

    static native int symlinkat(byte[] target, int directory, byte[] name);

    static native int renameat(int fromDirectory, byte[] from, int toDirectory, byte[] to);

    static native int utimensat(int directory, byte[] name, long[] times, int flags);

    static native int futimens(int descriptor, long[] times);

    /** The error of this thread's last failed call. */
    static Errno lastError() {
        return Errno.of(Native.getLastError());
    }

    /** The bytes of one name with the closing NUL, refusing whatever would be more than one step down. */
    static byte[] oneName(byte[] name) {
        boolean dots = name.length > 0 && name.length <= 2 && name[0] == '.' && name[name.length - 1] == '.';
        boolean wrong = name.length == 0 || dots;
        for (byte b : name) {
            wrong |= b == 0 || b == '/';
        }
        if (wrong) {
            throw new IllegalArgumentException(
                    "not the name of one entry: '" + new String(name, StandardCharsets.ISO_8859_1) + "'");
        }
        return Arrays.copyOf(name, name.length + 1);
    }

    /** The two {@code struct timespec} that set the modification time and leave the access time. */
    static long[] modificationTime(long mtimeNanos) {
        return new long[] {
            0, UTIME_OMIT, Math.floorDiv(mtimeNanos, 1_000_000_000L), Math.floorMod(mtimeNanos, 1_000_000_000L)
        };
    }
}
