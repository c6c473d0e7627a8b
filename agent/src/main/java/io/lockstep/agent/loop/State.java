package io.lockstep.agent.loop;

import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/** What the node must remember besides the decision log. Local, so the control thread may call it. */
public interface State {
    /** The high-water mark: the last generation that the replica held completely. */
    record Applied(GenerationId id, Digest root) {}

    /** The high-water mark; empty before the first. */
    Optional<Applied> applied();

    /**
     * Makes the mark durable.
     *
     * @throws IllegalArgumentException when it would go down
     * @throws IOException when the disk fails
     */
    void apply(Applied mark) throws IOException;

    /** A manifest kept under this root; empty when there is none, or it is damaged. */
    Optional<Manifest> manifest(Digest root);

    /** Makes a manifest durable. */
    void keep(Manifest manifest) throws IOException;

    /** Forgets manifests that are not one of these, once they are too old to be restored. */
    void retain(Set<Digest> roots) throws IOException;
}
