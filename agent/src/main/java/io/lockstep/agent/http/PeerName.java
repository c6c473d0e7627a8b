package io.lockstep.agent.http;

import jakarta.servlet.ServletRequest;
import java.security.Principal;

/**
 * The authenticated name of whoever called on the control port: the common name of the certificate.
 *
 * <p>A resource gets it as {@code @Context SecurityContext} or with {@link #of}.
 */
public record PeerName(String name) implements Principal {
    static final String ATTRIBUTE = PeerName.class.getName();

    /**
     * The caller of a request that came through the control port.
     *
     * @throws IllegalStateException on any other request
     */
    public static PeerName of(ServletRequest request) {
        if (request.getAttribute(ATTRIBUTE) instanceof PeerName peer) {
            return peer;
        }
        throw new IllegalStateException("only requests on the control port have a peer's name");
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }
}
