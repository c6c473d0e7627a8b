package io.lockstep.agent.app;

import io.lockstep.agent.loop.Change;
import io.lockstep.agent.loop.ScanProgress;
import io.lockstep.agent.loop.Share;
import io.lockstep.agent.loop.Staging;
import io.lockstep.agent.loop.TreeScan;
import io.lockstep.agent.store.ApplyPlan;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.KeptCopies;
import io.lockstep.agent.vfs.RemoteProbe;
import io.lockstep.agent.vfs.RemoteTree;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.MountRule;
import io.lockstep.mount.Probe;
import io.lockstep.mount.TreeSight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The share as directories on servers. Probes have connections of their own, so that one thread may probe while another
 * scans, stages or writes; each of both kinds is for one thread at a time.
 */
final class RemoteShare implements Share {
    private final RemoteShareSettings settings;
    private final List<RemoteProbe> probes;
    private final Map<String, RemoteTree> trees = new LinkedHashMap<>();
    private final Map<String, ContentStage> stages;
    private final Map<String, KeptCopies> copies;
    private final Function<List<ManifestEntry>, Staging> fromReplica;
    private final Supplier<Optional<Generation>> reference;

    /**
     * Connects to nothing yet.
     *
     * @param stages by the tree's name, as {@code copies}
     * @param fromReplica stages content that the share lacks and the replica has
     * @param reference names what is written to the share
     */
    RemoteShare(
            RemoteShareSettings settings,
            Map<String, ContentStage> stages,
            Map<String, KeptCopies> copies,
            Function<List<ManifestEntry>, Staging> fromReplica,
            Supplier<Optional<Generation>> reference,
            InstantSource clock) {
        this.settings = settings;
        this.stages = stages;
        this.copies = copies;
        this.fromReplica = fromReplica;
        this.reference = reference;
        var dot = RemoteShareSettings.dot();
        probes = settings.trees().stream()
                .map(tree -> new RemoteProbe(tree.place(), dot, clock))
                .toList();
        settings.trees().forEach(tree -> trees.put(tree.name(), new RemoteTree(tree.place(), dot, clock)));
    }

    @Override
    public Probe probe(Beacon beacon, List<NodeName> peers) {
        return all(probes, probe -> probe.probe(beacon, peers));
    }

    private Probe glance() {
        return all(trees.values(), RemoteTree::glance);
    }

    /** One probe of all trees; the first that can't be reached speaks for the share. */
    private static <T> Probe all(Iterable<T> places, Function<T, Probe> look) {
        var seen = new ArrayList<TreeSight>();
        for (var place : places) {
            var probe = look.apply(place);
            if (!(probe instanceof Probe.Looked looked)) {
                return probe;
            }
            seen.addAll(looked.trees());
        }
        return new Probe.Looked(seen);
    }

    @Override
    public TreeScan scan(Map<String, Inventory> previous, boolean everyDigest, ScanProgress progress) {
        var before = glance();
        var verdict = MountRule.judge(before, settings.clusterId());
        if (verdict.reason() != Reason.OK) {
            return new TreeScan.Failed(verdict.reason(), verdict.detail());
        }
        var found = new LinkedHashMap<String, Inventory>();
        for (var tree : settings.trees()) {
            var scan = treeOf(tree.name())
                    .scan(
                            tree.filter(),
                            Optional.ofNullable(previous.get(tree.name())),
                            everyDigest,
                            settings.racyWindow(),
                            progress::add);
            if (scan instanceof RemoteTree.Scan.Failed failed) {
                return new TreeScan.Failed(failed.reason(), failed.detail());
            }
            found.put(tree.name(), ((RemoteTree.Scan.Scanned) scan).inventory());
        }
        var after = glance();
        verdict = MountRule.judge(after, settings.clusterId());
        if (verdict.reason() != Reason.OK) {
            return new TreeScan.Failed(verdict.reason(), verdict.detail());
        }
        return before.equals(after)
                ? new TreeScan.Scanned(found)
                : new TreeScan.Failed(Reason.SHARE_MISSING, "the share was another one after the scan than before");
    }

    private RemoteTree treeOf(String name) {
        var tree = trees.get(name);
        if (tree == null) {
            throw new IllegalArgumentException("there is no tree called " + name);
        }
        return tree;
    }

    @Override
    public Staging stage(List<ManifestEntry> files) {
        var missing = new ArrayList<ManifestEntry>();
        Optional<String> problem = Optional.empty();
        for (var tree : settings.trees()) {
            var stage = Stages.of(stages, tree.name());
            for (var file : Stages.byTree(files).getOrDefault(tree.name(), List.of())) {
                var failure = stage.has(file.digest().orElseThrow()) ? Optional.<String>empty() : stage(tree, stage, file);
                if (failure.isPresent()) {
                    missing.add(file);
                    problem = problem.or(() -> failure);
                }
            }
            // A generation that names this content may be committed next, and the share may be gone by then.
            var notDurable = stage.makeDurable();
            if (notDurable.isPresent()) {
                return new Staging(files, Optional.of(notDurable.get().message()));
            }
        }
        return new Staging(missing, problem);
    }

    /** Why the content is not staged; empty when it is. */
    private Optional<String> stage(RemoteShareSettings.Tree tree, ContentStage stage, ManifestEntry file) {
        try {
            var target = Files.createDirectories(tree.scratch()).resolve("staged");
            var below = file.path().withoutFirst().orElseThrow();
            var fetch = treeOf(tree.name()).fetch(below, target);
            var failure = staged(stage, file, fetch, target);
            Files.deleteIfExists(target);
            return failure;
        } catch (IOException e) {
            return Optional.of("this node's disk refuses: " + e);
        }
    }

    private static Optional<String> staged(
            ContentStage stage, ManifestEntry file, RemoteTree.Fetch fetch, Path target) {
        var wanted = file.digest().orElseThrow();
        if (!(fetch instanceof RemoteTree.Fetch.Fetched fetched)) {
            return Optional.of(file.path() + ": " + why(fetch));
        }
        if (!fetched.digest().equals(wanted)) {
            return Optional.of(file.path() + " has other content now");
        }
        return stage.adopt(target, wanted) instanceof ContentStage.Adoption.Adopted
                ? Optional.empty()
                : Optional.of(file.path() + " could not be taken into the stage");
    }

    private static String why(RemoteTree.Fetch fetch) {
        if (fetch instanceof RemoteTree.Fetch.Changed changed) {
            return changed.detail();
        }
        return fetch instanceof RemoteTree.Fetch.Unreadable unreadable
                ? unreadable.detail()
                : "this node's disk refuses: " + ((RemoteTree.Fetch.NoRoom) fetch).detail();
    }

    @Override
    public Change write(Manifest target, View seen) {
        var generation = reference.get();
        if (generation.isEmpty() || !generation.get().root().equals(target.root())) {
            return failed("the reference has changed meanwhile");
        }
        var staged = fromReplica.apply(ManifestDiff.contentMissingFrom(seen.manifest(), target));
        if (!staged.isComplete()) {
            return failed(staged.problem().orElse("content is missing"));
        }
        var found = MountRule.judge(glance(), settings.clusterId());
        if (found.reason() != Reason.OK) {
            return failed(found.detail());
        }
        var changes = new ArrayList<Change>();
        for (var tree : settings.trees()) {
            changes.add(write(tree, generation.get(), target, seen));
        }
        return Changes.sum(changes);
    }

    private Change write(RemoteShareSettings.Tree tree, Generation generation, Manifest target, View seen) {
        var root = EntryPath.of(tree.name());
        if (target.find(root).isEmpty()) {
            return failed("the generation does not speak of tree " + tree.name()
                    + ": all nodes need the same trees in their configuration");
        }
        var keeper = new StoredCopies(
                root,
                generation.id(),
                List.of(seen.manifest(), target),
                Stages.of(stages, tree.name()),
                copiesOf(tree.name()));
        try {
            Files.createDirectories(tree.scratch());
        } catch (IOException e) {
            return failed("this node's disk refuses: " + e);
        }
        var orders = RemoteOrders.of(ApplyPlan.of(root, target, seen));
        var written = treeOf(tree.name()).write(orders, settings.node(), tree.scratch(), keeper);
        return RemoteOrders.change(written, keeper);
    }

    private KeptCopies copiesOf(String tree) {
        var kept = copies.get(tree);
        if (kept == null) {
            throw new IllegalArgumentException("there is no tree called " + tree);
        }
        return kept;
    }

    private static Change failed(String problem) {
        return new Change(0, 0, 0, Optional.of(problem));
    }
}
