package io.lockstep.agent.tls;

import java.util.Optional;

/** Which node is expected behind an address. Called during handshakes, from any thread. */
@FunctionalInterface
public interface ExpectedNames {
    /** The name of the node that is to answer at {@code host} and {@code port}; empty refuses the connection. */
    Optional<String> at(String host, int port);
}
