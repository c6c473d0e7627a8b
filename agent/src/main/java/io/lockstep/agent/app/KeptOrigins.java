package io.lockstep.agent.app;

import io.lockstep.agent.log.FileDecisionLog;
import io.lockstep.agent.loop.PullTask;
import io.lockstep.agent.loop.Staging;
import io.lockstep.cluster.LogEntry;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Fetches content of earlier generations from whatever member has it. */
final class KeptOrigins implements Scrub.Source {
    private final FileDecisionLog log;
    private final Function<Digest, Optional<Manifest>> manifests;
    private final Supplier<List<NodeName>> members;
    private final Function<PullTask, Staging> pull;

    /**
     * @param manifests those that this node keeps, by root digest
     * @param members who is reachable now
     */
    KeptOrigins(
            FileDecisionLog log,
            Function<Digest, Optional<Manifest>> manifests,
            Supplier<List<NodeName>> members,
            Function<PullTask, Staging> pull) {
        this.log = log;
        this.manifests = manifests;
        this.members = members;
        this.pull = pull;
    }

    @Override
    public Staging fetch(ManifestEntry file) {
        var reachable = members.get();
        if (reachable.isEmpty()) {
            return new Staging(List.of(file), Optional.of("no member is reachable"));
        }
        // A member serves what a generation has that it keeps too: the newest one is the likeliest.
        var commits = log.entriesAfter(0, Integer.MAX_VALUE);
        var problem = "no generation that is kept here has it";
        for (int i = commits.size() - 1; i >= 0; i--) {
            if (commits.get(i) instanceof LogEntry.Commit commit) {
                var entry = manifests
                        .apply(commit.generation().root())
                        .flatMap(manifest -> manifest.find(file.path()))
                        .filter(file::hasContentOf);
                if (entry.isPresent()) {
                    return fetch(commit.generation(), entry.get(), reachable);
                }
            }
        }
        return new Staging(List.of(file), Optional.of(problem));
    }

    private Staging fetch(Generation generation, ManifestEntry entry, List<NodeName> reachable) {
        return pull.apply(new PullTask(generation, List.of(entry), reachable, Manifest.empty()));
    }
}
