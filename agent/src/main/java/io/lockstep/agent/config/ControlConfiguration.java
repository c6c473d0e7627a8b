package io.lockstep.agent.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;

/**
 * The mutual TLS port for peers and operators.
 *
 * @param host the address to listen on: an IP address or a host name; {@code 0.0.0.0} is every IPv4 address
 * @param port 1 to 65535
 */
public record ControlConfiguration(
        @Pattern(regexp = OpsConfiguration.HOST) String host,
        @Min(1) @Max(65535) int port,
        @Valid TlsConfiguration tls) {

    /** The port unless the file says otherwise. */
    static final int DEFAULT_PORT = 9881;
}
