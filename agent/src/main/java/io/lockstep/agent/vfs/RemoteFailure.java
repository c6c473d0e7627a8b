package io.lockstep.agent.vfs;

import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.JSchHostKeyException;
import com.jcraft.jsch.SftpException;
import io.lockstep.cluster.Reason;
import io.lockstep.mount.ErrnoRule;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.Serial;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One call on a server that did not do what it should. Caught where an outcome is made of it, and never logged. */
final class RemoteFailure extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private static final int MOST_TEXT = 300;

    /** What the failure says of the share. */
    enum Kind {
        /** The server answered that nothing is there. */
        ABSENT,
        /** The server refused this one call, and answers others. */
        REFUSED,
        /** The server did not answer in time. */
        HUNG,
        /** There is no connection to the server. */
        UNREACHABLE,
        /** The server is not the one of the known_hosts file. */
        HOST_KEY,
        /** The server does not let the agent in, or the agent has no usable login. */
        LOGIN
    }

    private final Kind kind;
    private final String step;
    private final String symbol;

    private RemoteFailure(Kind kind, String step, String symbol, String detail, @Nullable Throwable cause) {
        super(detail, cause);
        this.kind = kind;
        this.step = step;
        this.symbol = symbol;
    }

    static RemoteFailure refused(String step, String symbol, String detail) {
        return new RemoteFailure(Kind.REFUSED, step, symbol, step + ": " + detail, null);
    }

    static RemoteFailure absent(String step) {
        return new RemoteFailure(Kind.ABSENT, step, "ENOENT", step + ": it is not there", null);
    }

    static RemoteFailure login(String problem) {
        return new RemoteFailure(Kind.LOGIN, "login", ErrnoRule.LOGIN, problem, null);
    }

    /**
     * What {@code thrown} says.
     *
     * @param waited how long the call took
     * @param patience after how long without an answer VFS gives a call up
     */
    static RemoteFailure of(String step, Throwable thrown, Duration waited, Duration patience) {
        if (thrown instanceof RemoteFailure known) {
            return known;
        }
        var causes = causes(thrown);
        var text = step + ": " + printable(causes.get(causes.size() - 1));
        for (var cause : causes) {
            if (cause instanceof JSchHostKeyException) {
                return new RemoteFailure(Kind.HOST_KEY, step, ErrnoRule.HOST_KEY, text, thrown);
            }
            if (cause instanceof JSchException && isLogin(cause)) {
                return new RemoteFailure(Kind.LOGIN, step, ErrnoRule.LOGIN, text, thrown);
            }
        }
        for (var cause : causes) {
            if (cause instanceof SftpException status && isAnswer(status)) {
                return answered(step, status, text, thrown);
            }
            if (cause instanceof NoSuchFileException || cause instanceof FileNotFoundException) {
                return new RemoteFailure(Kind.ABSENT, step, "ENOENT", text, thrown);
            }
            if (cause instanceof AccessDeniedException) {
                return new RemoteFailure(Kind.REFUSED, step, "EACCES", text, thrown);
            }
        }
        // Where the connection died of it meanwhile, only the time tells a server that said nothing.
        boolean timedOut = causes.stream().anyMatch(SocketTimeoutException.class::isInstance);
        if (timedOut || waited.compareTo(patience) >= 0) {
            return new RemoteFailure(Kind.HUNG, step, ErrnoRule.SILENT, text, thrown);
        }
        if (causes.stream().noneMatch(RemoteFailure::isConnection)) {
            return new RemoteFailure(Kind.REFUSED, step, "EIO", text, thrown);
        }
        boolean isRefused = causes.stream().anyMatch(ConnectException.class::isInstance);
        boolean isNowhere = causes.stream()
                .anyMatch(cause -> cause instanceof UnknownHostException || cause instanceof NoRouteToHostException);
        var symbol = isRefused ? "ECONNREFUSED" : isNowhere ? "EHOSTUNREACH" : "ECONNRESET";
        return new RemoteFailure(Kind.UNREACHABLE, step, symbol, text, thrown);
    }

    private static List<Throwable> causes(Throwable thrown) {
        var causes = new ArrayList<Throwable>();
        for (var cause = thrown; cause != null && causes.size() < 20; cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }

    private static boolean isLogin(Throwable cause) {
        var message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return message.startsWith("auth fail") || message.startsWith("auth cancel") || message.contains("privatekey");
    }

    /** JSch reports its own troubles under the number of a failure too; only the server's has no cause. */
    private static boolean isAnswer(SftpException status) {
        return status.getCause() == null
                && status.id != ChannelSftp.SSH_FX_NO_CONNECTION
                && status.id != ChannelSftp.SSH_FX_CONNECTION_LOST;
    }

    private static RemoteFailure answered(String step, SftpException status, String text, Throwable thrown) {
        return switch (status.id) {
            case ChannelSftp.SSH_FX_NO_SUCH_FILE -> new RemoteFailure(Kind.ABSENT, step, "ENOENT", text, thrown);
            case ChannelSftp.SSH_FX_PERMISSION_DENIED -> new RemoteFailure(Kind.REFUSED, step, "EACCES", text, thrown);
            case ChannelSftp.SSH_FX_OP_UNSUPPORTED -> new RemoteFailure(Kind.REFUSED, step, "EOPNOTSUPP", text, thrown);
            default -> new RemoteFailure(Kind.REFUSED, step, "EIO", text, thrown);
        };
    }

    private static boolean isConnection(Throwable cause) {
        boolean isFile = cause instanceof java.nio.file.FileSystemException;
        boolean isVfs = cause instanceof org.apache.commons.vfs2.FileSystemException;
        return cause instanceof JSchException
                || cause instanceof InterruptedIOException
                || (cause instanceof SftpException status && !isAnswer(status))
                || (cause instanceof IOException && !isFile && !isVfs);
    }

    /** The last cause's text, fit for a log: one line, nothing that could forge one. */
    private static String printable(Throwable cause) {
        var message = String.valueOf(cause.getMessage()).replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ");
        return message.length() > MOST_TEXT ? message.substring(0, MOST_TEXT) : message;
    }

    Kind kind() {
        return kind;
    }

    boolean isAbsent() {
        return kind == Kind.ABSENT;
    }

    /** Whether it is about one entry alone, so that others can still be asked for. */
    boolean isOfOneEntry() {
        return kind == Kind.ABSENT || kind == Kind.REFUSED;
    }

    String step() {
        return step;
    }

    /** In the operating system's words. */
    String symbol() {
        return symbol;
    }

    /** What was seen, for people. */
    String detail() {
        return String.valueOf(getMessage());
    }

    /** Why the share is not there for this node. */
    Reason reason() {
        return kind == Kind.ABSENT ? Reason.SHARE_MISSING : ErrnoRule.reason(symbol);
    }
}
