package io.lockstep.generation;

import io.lockstep.digest.Digest;
import java.util.Optional;

/**
 * A manifest committed as the reference for all nodes.
 *
 * @param root the manifest's root digest
 * @param parent the root digest of the generation before; empty only for the first
 * @param manifestDigest the digest of the manifest's canonical bytes
 */
public record Generation(GenerationId id, Digest root, Optional<Digest> parent, Digest manifestDigest) {
    public Generation {
        if (parent.isEmpty() != (id.seq() == 1)) {
            throw new IllegalArgumentException("only the first generation has no parent: " + id);
        }
    }
}
