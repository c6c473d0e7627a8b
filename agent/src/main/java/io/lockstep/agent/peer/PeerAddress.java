package io.lockstep.agent.peer;

import java.net.URI;

/**
 * A peer and where its control port is.
 *
 * @param name the name that its certificate vouches for
 * @param control {@code https://HOST:PORT} without a path; the host, too, is vouched for by the certificate
 */
public record PeerAddress(String name, URI control) {
    public PeerAddress {
        boolean usable = "https".equals(control.getScheme())
                && control.getHost() != null
                && control.getPort() > 0
                && control.getPath().isEmpty()
                && control.getQuery() == null;
        if (!usable) {
            throw new IllegalArgumentException(
                    "the control address of " + name + " is " + control + "; write it as https://HOST:PORT");
        }
    }

    /** The host, an IPv6 address without its brackets. */
    String host() {
        String host = control.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    int port() {
        return control.getPort();
    }
}
