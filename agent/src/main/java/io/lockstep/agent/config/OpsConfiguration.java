package io.lockstep.agent.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;

/**
 * The plain HTTP port for load balancers and Prometheus.
 *
 * @param host the address to listen on: an IP address or a host name; {@code 0.0.0.0} is every IPv4 address
 * @param port 1 to 65535
 */
public record OpsConfiguration(
        @Pattern(regexp = HOST) String host,
        @Min(1) @Max(65535) int port) {

    /** An IPv4 or IPv6 address, or a host name. */
    static final String HOST = "[0-9A-Za-z._:-]{1,253}";

    public static final OpsConfiguration DEFAULTS = new OpsConfiguration("0.0.0.0", 9880);
}
