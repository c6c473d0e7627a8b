package io.lockstep.agent.loop;

import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A state that forgets all with its process. */
final class MemoryState implements State {
    private final Map<Digest, Manifest> manifests = new HashMap<>();
    private Optional<Applied> applied = Optional.empty();

    @Override
    public Optional<Applied> applied() {
        return applied;
    }

    @Override
    public void apply(Applied mark) {
        applied = Optional.of(mark);
    }

    @Override
    public Optional<Manifest> manifest(Digest root) {
        return Optional.ofNullable(manifests.get(root));
    }

    @Override
    public void keep(Manifest manifest) {
        manifests.put(manifest.root(), manifest);
    }

    @Override
    public void retain(Set<Digest> roots) {
        manifests.keySet().retainAll(roots);
    }
}
