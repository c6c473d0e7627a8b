package io.lockstep.agent.http;

/**
 * Where the agent listens.
 *
 * @param ops plain HTTP for load balancers, probes and Prometheus
 * @param control mutual TLS 1.3 for peers and operators
 */
public record HttpPorts(Listen ops, Listen control) {
    /** Listens on {@code host} for both, on any free ports: for tests. */
    public static HttpPorts anyFree(String host) {
        return new HttpPorts(new Listen(host, 0), new Listen(host, 0));
    }

    /**
     * One listening address.
     *
     * @param host the name or address of the interface, {@code 0.0.0.0} for all
     * @param port 0 to 65535; 0 takes any free port
     */
    public record Listen(String host, int port) {
        public Listen {
            if (host.isBlank()) {
                throw new IllegalArgumentException("a listening host is missing; use 0.0.0.0 for all interfaces");
            }
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
            }
        }

        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }
}
