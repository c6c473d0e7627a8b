package io.lockstep.agent.config;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.nio.file.Path;

/**
 * This node.
 *
 * @param name its name in {@code cluster.members}
 * @param state the directory of the durable decision log and of what the node has applied; the agent makes it
 * @param bindRequests the FIFO of the helper lockstep-bind, for trees with {@link FlipKind#BIND}
 */
public record NodeConfiguration(
        @NotNull @Pattern(regexp = MemberAddress.NAME) String name,
        @NotNull Path state,
        @NotNull Path bindRequests) {

    /** Where the state lies unless the file says otherwise. */
    static final String DEFAULT_STATE = "/var/lib/lockstep/state";

    /** Where the helper listens unless the file says otherwise. */
    static final String DEFAULT_BIND_REQUESTS = "/run/lockstep/bind";
}
