package io.lockstep.mode;

import io.lockstep.cluster.Serving;
import java.util.Optional;

/**
 * What one node does next.
 *
 * @param flip where to lead the live paths; empty to leave them
 * @param syncReplica whether to bring the replica to the reference
 */
public record NodeDecision(Optional<Serving> flip, boolean syncReplica) {}
