package io.lockstep.agent.app;

import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.loop.Change;
import io.lockstep.agent.loop.ScanProgress;
import io.lockstep.agent.loop.Share;
import io.lockstep.agent.loop.Staging;
import io.lockstep.agent.loop.TreeScan;
import io.lockstep.agent.store.ApplyRequest;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.TreeApplier;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** The share as directories of a mount. */
final class MountedShare implements Share {
    private final String clusterId;
    private final Map<String, ShareMarker> markers;
    private final List<ShareLook> looks;
    private final Trees trees;
    private final Map<String, ContentStage> stages;
    private final Map<String, TreeApplier> appliers;
    private final Function<List<ManifestEntry>, Staging> fromReplica;
    private final Supplier<Optional<Generation>> reference;

    /**
     * @param fromReplica stages content that the share lacks and the replica has
     * @param reference names what is written to the share
     */
    MountedShare(
            String clusterId,
            Map<String, ShareMarker> markers,
            Trees trees,
            Map<String, ContentStage> stages,
            Map<String, TreeApplier> appliers,
            Function<List<ManifestEntry>, Staging> fromReplica,
            Supplier<Optional<Generation>> reference) {
        this.clusterId = clusterId;
        this.markers = new TreeMap<>(markers);
        looks = this.markers.entrySet().stream()
                .map(tree -> new ShareLook(tree.getKey(), tree.getValue().share()))
                .toList();
        this.trees = trees;
        this.stages = stages;
        this.appliers = new TreeMap<>(appliers);
        this.fromReplica = fromReplica;
        this.reference = reference;
    }

    @Override
    public Probe probe(Beacon beacon, List<NodeName> peers) {
        return new Probe.Looked(
                looks.stream().map(look -> look.look(beacon, peers)).toList());
    }

    /** Looks at the markers alone: what is scanned or written next is this cluster's share. */
    private MountRule.Verdict glance() {
        return MountRule.judge(
                new Probe.Looked(looks.stream().map(ShareLook::glance).toList()), clusterId);
    }

    @Override
    public TreeScan scan(Map<String, Inventory> previous, boolean everyDigest, ScanProgress progress) {
        var before = glance();
        if (before.reason() != Reason.OK) {
            return new TreeScan.Failed(before.reason(), before.detail());
        }
        var identities = identities();
        var scanned = trees.scan(previous, everyDigest, progress);
        var after = glance();
        if (after.reason() != Reason.OK) {
            return new TreeScan.Failed(after.reason(), after.detail());
        }
        return identities.equals(identities())
                ? scanned
                : new TreeScan.Failed(Reason.SHARE_MISSING, "another directory was mounted during the scan");
    }

    private Map<String, Optional<String>> identities() {
        var found = new TreeMap<String, Optional<String>>();
        markers.forEach((tree, marker) -> found.put(tree, Trees.identity(marker.share())));
        return found;
    }

    @Override
    public Staging stage(List<ManifestEntry> files) {
        var staged = Stages.stage(files, stages, trees);
        // A generation that names this content may be committed next, and the share may be gone by then.
        var failures = Stages.byTree(files).keySet().stream()
                .flatMap(tree -> Stages.of(stages, tree).makeDurable().stream())
                .toList();
        return failures.isEmpty()
                ? staged
                : new Staging(files, Optional.of(failures.get(0).message()));
    }

    @Override
    public Change write(Manifest target, View seen) {
        var generation = reference.get();
        if (generation.isEmpty() || !generation.get().root().equals(target.root())) {
            return new Change(0, 0, 0, Optional.of("the reference has changed meanwhile"));
        }
        var staged = fromReplica.apply(ManifestDiff.contentMissingFrom(seen.manifest(), target));
        if (!staged.isComplete()) {
            return new Change(0, 0, 0, staged.problem());
        }
        var found = glance();
        if (found.reason() != Reason.OK) {
            return new Change(0, 0, 0, Optional.of(found.detail()));
        }
        var request = new ApplyRequest(generation.get().id(), target, seen, List.of(seen.manifest()));
        var changes = new ArrayList<Change>();
        appliers.values().forEach(applier -> changes.add(Changes.of(applier.apply(request))));
        return Changes.sum(changes);
    }
}
