package io.lockstep.agent.config;

import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;

/**
 * The PEM files of the control port. {@code lockstep setup} makes them.
 *
 * @param ca the certificate of the cluster's own authority; a peer without a certificate of it is refused
 * @param certificate this node's certificate
 * @param key this node's private key; no other user may read it
 */
public record TlsConfiguration(
        @NotNull Path ca,
        @NotNull Path certificate,
        @NotNull Path key) {}
