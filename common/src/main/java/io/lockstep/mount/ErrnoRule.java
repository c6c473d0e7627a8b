package io.lockstep.mount;

import io.lockstep.cluster.Reason;

/** Says which reason an error of the operating system on the share is (errno(3)). */
public final class ErrnoRule {
    private ErrnoRule() {}

    /** The reason of a refused call; {@link Reason#SHARE_IO_ERROR} for any symbol that has none of its own. */
    public static Reason reason(String symbol) {
        return switch (symbol) {
            case "ESTALE" -> Reason.STALE_HANDLE;
            case "ENOTCONN", "ECONNABORTED", "EHOSTDOWN" -> Reason.NOT_CONNECTED;
            case "EROFS" -> Reason.READ_ONLY;
            case "ENOSPC", "EDQUOT" -> Reason.NO_SPACE;
            case "EACCES", "EPERM" -> Reason.NO_PERMISSION;
            default -> Reason.SHARE_IO_ERROR;
        };
    }
}
