package io.lockstep.agent.http;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.SecurityContext;
import java.security.Principal;

/** Makes {@link PeerName} the principal of Jersey's security context. Roles are none. */
@PreMatching
final class PeerSecurityFilter implements ContainerRequestFilter {
    @Context
    @SuppressWarnings("NullAway.Init")
    private HttpServletRequest servletRequest;

    @Override
    public void filter(ContainerRequestContext request) {
        PeerName peer = PeerName.of(servletRequest);
        request.setSecurityContext(new SecurityContext() {
            @Override
            public Principal getUserPrincipal() {
                return peer;
            }

            @Override
            public boolean isUserInRole(String role) {
                return false;
            }

            @Override
            public boolean isSecure() {
                return true;
            }

            @Override
            public String getAuthenticationScheme() {
                return SecurityContext.CLIENT_CERT_AUTH;
            }
        });
    }
}
