package io.lockstep.agent.loop;

import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * A generation that an operator ordered, and that comes from no tree: its content is brought into the stage before it is
 * committed, and every replica and the share are brought to it afterwards.
 *
 * @param parent the root of the reference that it was worked out from; empty when there was none. With another reference
 *     meanwhile it is refused, for it would undo what came in between
 * @param manifest what all nodes are to have
 * @param reason why, for the decision log
 * @param content brings into the stage what this node's replica lacks of it at its path; it runs on a thread for members,
 *     and may take its time
 * @param base what the share shows; with no reference yet it is committed before, so that it is known. Empty to leave it
 */
public record Target(
        Optional<Digest> parent, Manifest manifest, Reason reason, Callable<Staging> content, Optional<Manifest> base) {
    /** A target that follows on a reference. */
    public Target(Optional<Digest> parent, Manifest manifest, Reason reason, Callable<Staging> content) {
        this(parent, manifest, reason, content, Optional.empty());
    }
}
