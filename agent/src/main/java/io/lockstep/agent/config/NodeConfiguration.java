package io.lockstep.agent.config;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.nio.file.Path;

/**
 * This node.
 *
 * @param name its name in {@code cluster.members}
 * @param state the directory of the durable decision log and of what the node has applied; the agent makes it
 */
public record NodeConfiguration(
        @NotNull @Pattern(regexp = MemberAddress.NAME) String name,
        @NotNull Path state) {

    /** Where the state lies unless the file says otherwise. */
    static final String DEFAULT_STATE = "/var/lib/lockstep/state";
}
