package io.lockstep.agent.loop;

import io.lockstep.cluster.NodeName;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import java.util.List;

/**
 * Content to bring into the stage from members.
 *
 * @param files entries of the generation's manifest
 * @param members who may be asked, 1 or more: they hold the generation
 * @param held what the last scan of the replica showed; its files are older versions, of which not all has to move
 */
public record PullTask(Generation generation, List<ManifestEntry> files, List<NodeName> members, Manifest held) {
    public PullTask {
        files = List.copyOf(files);
        members = List.copyOf(members);
        if (members.isEmpty()) {
            throw new IllegalArgumentException("nobody to pull from");
        }
    }
}
