package io.lockstep.agent.posix;

/**
 * The operating system's answer to one call: no error, or an error number of errno(3), Linux's generic numbering, which
 * x86-64 and aarch64 share.
 *
 * @param number 0 for no error, else 1 to 4095
 */
public record Errno(int number) {
    /** The call was done. */
    public static final Errno NONE = new Errno(0);

    public static final Errno EPERM = new Errno(1);
    public static final Errno ENOENT = new Errno(2);
    public static final Errno EINTR = new Errno(4);
    public static final Errno EIO = new Errno(5);
    public static final Errno ENXIO = new Errno(6);
    public static final Errno EAGAIN = new Errno(11);
    public static final Errno EACCES = new Errno(13);
    public static final Errno EEXIST = new Errno(17);
    public static final Errno EXDEV = new Errno(18);
    public static final Errno ENOTDIR = new Errno(20);
    public static final Errno EINVAL = new Errno(22);
    public static final Errno ENOSPC = new Errno(28);
    public static final Errno ENAMETOOLONG = new Errno(36);
    public static final Errno ENOSYS = new Errno(38);
    public static final Errno ENOTEMPTY = new Errno(39);
    public static final Errno ELOOP = new Errno(40);
    public static final Errno ENOTCONN = new Errno(107);
    public static final Errno ESTALE = new Errno(116);

    public Errno {
        if (number < 0 || number > 4095) {
            throw new IllegalArgumentException("not an error number: " + number);
        }
    }

    static Errno of(int number) {
        return number == 0 ? NONE : new Errno(number);
    }

    /** Whether the call was done. */
    public boolean isNone() {
        return number == 0;
    }

    /** The symbol, such as {@code EACCES}; {@code E} and the number when it is none that a file call returns. */
    public String symbol() {
        return switch (number) {
            case 0 -> "NONE";
            case 1 -> "EPERM";
            case 2 -> "ENOENT";
            case 4 -> "EINTR";
            case 5 -> "EIO";
            case 6 -> "ENXIO";
            case 9 -> "EBADF";
            case 11 -> "EAGAIN";
            case 12 -> "ENOMEM";
            case 13 -> "EACCES";
            case 14 -> "EFAULT";
            case 16 -> "EBUSY";
            case 17 -> "EEXIST";
            case 18 -> "EXDEV";
            case 19 -> "ENODEV";
            case 20 -> "ENOTDIR";
            case 21 -> "EISDIR";
            case 22 -> "EINVAL";
            case 23 -> "ENFILE";
            case 24 -> "EMFILE";
            case 26 -> "ETXTBSY";
            case 27 -> "EFBIG";
            case 28 -> "ENOSPC";
            case 30 -> "EROFS";
            case 31 -> "EMLINK";
            case 36 -> "ENAMETOOLONG";
            case 38 -> "ENOSYS";
            case 39 -> "ENOTEMPTY";
            case 40 -> "ELOOP";
            case 61 -> "ENODATA";
            case 71 -> "EPROTO";
            case 74 -> "EBADMSG";
            case 75 -> "EOVERFLOW";
            case 95 -> "EOPNOTSUPP";
            case 101 -> "ENETUNREACH";
            case 103 -> "ECONNABORTED";
            case 104 -> "ECONNRESET";
            case 107 -> "ENOTCONN";
            case 108 -> "ESHUTDOWN";
            case 110 -> "ETIMEDOUT";
            case 111 -> "ECONNREFUSED";
            case 112 -> "EHOSTDOWN";
            case 113 -> "EHOSTUNREACH";
            case 116 -> "ESTALE";
            case 117 -> "EUCLEAN";
            case 121 -> "EREMOTEIO";
            case 122 -> "EDQUOT";
            case 123 -> "ENOMEDIUM";
            default -> "E" + number;
        };
    }

    @Override
    public String toString() {
        return symbol();
    }
}
