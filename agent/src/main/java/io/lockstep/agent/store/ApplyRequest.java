package io.lockstep.agent.store;

import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.View;
import java.util.List;

/**
 * A generation to bring a tree to.
 *
 * @param generation a committed one; what it replaces is kept under its name
 * @param wanted its manifest, of all trees
 * @param seen what the last scan saw of all trees; only what it saw is ever deleted
 * @param known manifests of committed generations, the tree's last one above all: content that one of them has at a path
 *     goes to the trash when it is replaced there, any other to the conflict store
 */
public record ApplyRequest(GenerationId generation, Manifest wanted, View seen, List<Manifest> known) {
    public ApplyRequest {
        known = List.copyOf(known);
    }
}
