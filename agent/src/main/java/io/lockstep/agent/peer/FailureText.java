package io.lockstep.agent.peer;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;

/** Words for a failed connection: what the deepest cause says, since the JDK's outer ones often say nothing. */
final class FailureText {
    private static final int DEPTH = 16;

    private FailureText() {}

    static String of(Throwable failure) {
        Throwable root = failure;
        for (int depth = 0; depth < DEPTH && root.getCause() != null; depth++) {
            root = root.getCause();
        }
        String said = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        if (root instanceof UnknownHostException || root instanceof UnresolvedAddressException) {
            return "its host name is not known; correct it or the name service";
        }
        if (has(failure, HttpConnectTimeoutException.class) || has(failure, SocketTimeoutException.class)) {
            return "no connection in time; check the network and firewall";
        }
        if (has(failure, ConnectException.class)) {
            return "no connection (" + said + "); check that its agent runs";
        }
        if (isTlsFailure(failure)) {
            return "TLS failed (" + said + "); check both certificates and their authority";
        }
        return said;
    }

    /** Whether TLS failed, on a connection that could be made. */
    static boolean isTlsFailure(Throwable failure) {
        return has(failure, SSLException.class);
    }

    private static boolean has(Throwable failure, Class<? extends Throwable> type) {
        Throwable cause = failure;
        for (int depth = 0; depth < DEPTH && cause != null; depth++) {
            if (type.isInstance(cause)) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }
}
