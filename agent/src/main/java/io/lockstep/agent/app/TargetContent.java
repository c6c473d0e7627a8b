package io.lockstep.agent.app;

import io.lockstep.agent.http.Restorer;
import io.lockstep.agent.loop.PullTask;
import io.lockstep.agent.loop.Staging;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.cluster.NodeName;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Brings together the content of a generation that no tree shows: from whatever this node has, else from members, each
 * of which serves what it keeps. Durable in the stage when it is complete.
 */
final class TargetContent implements Restorer.Content {
    private final NodeName self;
    private final LocalContents contents;
    private final Map<String, ContentStage> stages;
    private final Supplier<Manifest> held;
    private final Supplier<Optional<Reference>> reference;
    private final Supplier<List<NodeName>> members;
    private final Function<PullTask, Staging> pull;

    /** The generation that all nodes have now. */
    record Reference(Generation generation, Manifest manifest) {}

    /**
     * @param held what the last scan of the replica showed
     * @param members who is reachable now
     */
    TargetContent(
            NodeName self,
            LocalContents contents,
            Map<String, ContentStage> stages,
            Supplier<Manifest> held,
            Supplier<Optional<Reference>> reference,
            Supplier<List<NodeName>> members,
            Function<PullTask, Staging> pull) {
        this.self = self;
        this.contents = contents;
        this.stages = stages;
        this.held = held;
        this.reference = reference;
        this.members = members;
        this.pull = pull;
    }

    @Override
    public Staging bring(Manifest target, Generation from, Manifest earlier) {
        var here = held.get();
        var lacking = contents.stage(ManifestDiff.contentMissingFrom(here, target), here);
        var asked = members.get();
        var problems = new ArrayList<String>();
        lacking = pull(lacking, from, earlier, asked, here, problems);
        var now = reference.get();
        if (now.isPresent()) {
            lacking = pull(lacking, now.get().generation(), now.get().manifest(), asked, here, problems);
        }
        if (!lacking.isEmpty()) {
            return new Staging(lacking, Optional.of(nowhere(lacking, asked, problems)));
        }
        return stages.values().stream()
                .flatMap(stage -> stage.makeDurable().stream())
                .findFirst()
                .map(failure -> new Staging(
                        target.entries().stream().filter(ManifestEntry::isFile).toList(),
                        Optional.of(failure.message())))
                .orElseGet(() -> new Staging(List.of(), Optional.empty()));
    }

    /** Asks members for what the generation has of these files; returns what is still lacking. */
    private List<ManifestEntry> pull(
            List<ManifestEntry> lacking,
            Generation generation,
            Manifest manifest,
            List<NodeName> asked,
            Manifest here,
            List<String> problems) {
        var entries = lacking.stream()
                .flatMap(file -> manifest.find(file.path()).filter(file::hasContentOf).stream())
                .toList();
        if (entries.isEmpty() || asked.isEmpty()) {
            return lacking;
        }
        pull.apply(new PullTask(generation, entries, asked, here)).problem().ifPresent(problems::add);
        return contents.stage(lacking, here);
    }

    private String nowhere(List<ManifestEntry> lacking, List<NodeName> asked, List<String> problems) {
        var names = asked.stream().map(NodeName::value).collect(Collectors.joining(", "));
        return "the content of " + (lacking.size() == 1 ? "1 file" : lacking.size() + " files")
                + " is nowhere: looked in replica, stage, trash and conflict"
                + " store of " + self + (asked.isEmpty() ? ", and no other node is reachable" : ", and asked " + names)
                + (problems.isEmpty() ? "" : " (" + String.join("; ", problems) + ")");
    }
}
