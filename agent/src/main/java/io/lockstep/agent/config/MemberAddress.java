package io.lockstep.agent.config;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.net.URI;

/**
 * Where one member's control port is reached by its peers.
 *
 * @param name 1 to 63 characters, as {@link #NAME} says
 * @param control {@code https://host:port}, nothing after the port
 */
public record MemberAddress(
        @NotNull @Pattern(regexp = NAME) String name,
        @NotNull URI control) {

    /** What a node, a tree or a cluster may be called: the label of a DNS name (RFC 1123), in lower case. */
    public static final String NAME = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
}
