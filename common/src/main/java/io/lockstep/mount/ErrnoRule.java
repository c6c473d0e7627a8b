package io.lockstep.mount;

import io.lockstep.cluster.Reason;

/** Says which reason an error of the operating system on the share is (errno(3)). */
public final class ErrnoRule {
    /** A server that is no file system, such as one that is reached by SSH, has not the host key that it should have. */
    public static final String HOST_KEY = "EKEYREJECTED";

    /** Such a server does not let this node in, or this node has nothing to log in with. */
    public static final String LOGIN = "ENOKEY";

    /** Such a server has not answered in time. */
    public static final String SILENT = "ETIME";

    private ErrnoRule() {}

    /** The reason of a refused call; {@link Reason#SHARE_IO_ERROR} for any symbol that has none of its own. */
    public static Reason reason(String symbol) {
        return switch (symbol) {
            case "ESTALE" -> Reason.STALE_HANDLE;
            case "ENOTCONN", "ECONNABORTED", "EHOSTDOWN" -> Reason.NOT_CONNECTED;
            case "EROFS" -> Reason.READ_ONLY;
            case "ENOSPC", "EDQUOT" -> Reason.NO_SPACE;
            case "EACCES", "EPERM" -> Reason.NO_PERMISSION;
            case "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH" -> Reason.SHARE_UNREACHABLE;
            case HOST_KEY -> Reason.SHARE_HOST_KEY;
            case LOGIN -> Reason.SHARE_LOGIN;
            case SILENT -> Reason.SHARE_HUNG;
            default -> Reason.SHARE_IO_ERROR;
        };
    }
}
