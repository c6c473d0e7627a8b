package io.lockstep.agent.app;

import io.lockstep.agent.loop.Change;
import io.lockstep.agent.loop.ScanProgress;
import io.lockstep.agent.loop.Share;
import io.lockstep.agent.loop.Staging;
import io.lockstep.agent.loop.TreeScan;
import io.lockstep.agent.mountio.Called;
import io.lockstep.agent.mountio.ShareCalls;
import io.lockstep.agent.mountio.ShareService.Staged;
import io.lockstep.agent.mountio.ShareService.WriteOrder;
import io.lockstep.agent.mountio.ShareService.Written;
import io.lockstep.agent.scan.FindingsMerge;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Probe;
import io.lockstep.mount.TreeSight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The share by way of the child process: nothing of this process touches it. What hangs comes back as an outcome, within
 * the deadline.
 */
final class ChildShare implements Share {
    private final ShareCalls calls;
    private final Set<String> trees;
    private final Map<String, ContentStage> stages;
    private final Function<List<ManifestEntry>, Staging> fromReplica;
    private final Supplier<Optional<Generation>> reference;

    /**
     * Makes no call yet.
     *
     * @param stages of all trees, by their names
     * @param fromReplica stages content that the share lacks and the replica has
     * @param reference names what is written to the share
     */
    ChildShare(
            ShareCalls calls,
            Map<String, ContentStage> stages,
            Function<List<ManifestEntry>, Staging> fromReplica,
            Supplier<Optional<Generation>> reference) {
        this.calls = calls;
        this.stages = stages;
        trees = new TreeSet<>(stages.keySet());
        this.fromReplica = fromReplica;
        this.reference = reference;
    }

    @Override
    public Probe probe(Beacon beacon, List<NodeName> peers) {
        var called = calls.probe(beacon, peers);
        if (called instanceof Called.Failed<?>) {
            // A child that somebody killed says nothing of the share; another one is at hand.
            called = calls.probe(beacon, peers);
        }
        if (called instanceof Called.Answered<List<TreeSight>> answered) {
            return new Probe.Looked(answered.value());
        }
        if (called instanceof Called.Hung<?> hung) {
            return new Probe.Hung(hung.step(), hung.waited());
        }
        var none = failure(called);
        return new Probe.NotTried(none.reason(), none.detail());
    }

    /** What a call without an answer says of the share. */
    private static TreeScan.Failed failure(Called<?> called) {
        if (called instanceof Called.Hung<?> hung) {
            return new TreeScan.Failed(Reason.SHARE_HUNG, hung.step() + " has not answered for " + hung.waited());
        }
        if (called instanceof Called.Stuck<?> stuck) {
            return new TreeScan.Failed(Reason.MOUNT_IO_STUCK, stuck.detail());
        }
        return new TreeScan.Failed(Reason.MOUNT_IO_FAILED, ((Called.Failed<?>) called).detail());
    }

    @Override
    public TreeScan scan(Map<String, Inventory> previous, boolean everyDigest, ScanProgress progress) {
        var called = calls.scan(previous, everyDigest, progress::add);
        if (!(called instanceof Called.Answered<ShareCalls.Scan> answered)) {
            return failure(called);
        }
        if (answered.value() instanceof ShareCalls.Scan.Failed failed) {
            return new TreeScan.Failed(
                    failed.problem().reason(), failed.problem().detail());
        }
        var found = ((ShareCalls.Scan.Whole) answered.value()).trees();
        if (!found.keySet().equals(trees)) {
            return new TreeScan.Failed(Reason.MOUNT_IO_FAILED, "the helper process scanned " + found.keySet());
        }
        var inventories = new LinkedHashMap<String, Inventory>();
        for (var tree : found.entrySet()) {
            var before = previous.getOrDefault(tree.getKey(), Inventory.empty());
            if (tree.getValue().scanned().kept().length() > before.findings().size()) {
                return new TreeScan.Failed(
                        Reason.MOUNT_IO_FAILED, "the helper process kept what the scan before had not found");
            }
            inventories.put(tree.getKey(), merged(before, tree.getValue()));
        }
        return new TreeScan.Scanned(inventories);
    }

    private static Inventory merged(Inventory previous, ShareCalls.TreeAnswer answer) {
        var scanned = answer.scanned();
        var merged = FindingsMerge.merge(previous.findings(), scanned.kept(), answer.fresh(), answer.severed());
        return merged == previous.findings()
                ? previous.seenAgain(scanned.scanStartNanos(), scanned.hashedFiles(), scanned.hashedBytes())
                : new Inventory(merged, scanned.scanStartNanos(), scanned.hashedFiles(), scanned.hashedBytes());
    }

    @Override
    public Staging stage(List<ManifestEntry> files) {
        var missing = new ArrayList<ManifestEntry>();
        Optional<String> problem = Optional.empty();
        for (int from = 0; from < files.size(); from += ShareCalls.MAX_FILES) {
            var some = files.subList(from, Math.min(files.size(), from + ShareCalls.MAX_FILES));
            var called = calls.stage(some);
            if (!(called instanceof Called.Answered<Staged> answered)) {
                // The next ones would only hang as well.
                missing.addAll(files.subList(from, files.size()));
                return new Staging(missing, Optional.of(failure(called).detail()));
            }
            for (int i = 0; i < some.size(); i++) {
                if (!answered.value().staged().get(i)) {
                    missing.add(some.get(i));
                }
            }
            problem = problem.or(answered.value()::problem);
        }
        // A generation that names this content may be committed next, and the share may be gone by then.
        var failures = Stages.byTree(files).keySet().stream()
                .flatMap(tree -> Stages.of(stages, tree).makeDurable().stream())
                .toList();
        return failures.isEmpty()
                ? new Staging(missing, missing.isEmpty() ? Optional.empty() : problem)
                : new Staging(files, Optional.of(failures.get(0).message()));
    }

    @Override
    public Change write(Manifest target, View seen) {
        var generation = reference.get();
        if (generation.isEmpty() || !generation.get().root().equals(target.root())) {
            return failed(Optional.of("the reference has changed meanwhile"));
        }
        var staged = fromReplica.apply(ManifestDiff.contentMissingFrom(seen.manifest(), target));
        if (!staged.isComplete()) {
            return failed(staged.problem());
        }
        var called = calls.write(new WriteOrder(generation.get().id(), target, seen));
        if (called instanceof Called.Answered<Written> answered) {
            var written = answered.value();
            return new Change(written.written(), written.trashed(), written.preserved(), written.problem());
        }
        return failed(Optional.of(failure(called).detail()));
    }

    private static Change failed(Optional<String> problem) {
        return new Change(0, 0, 0, problem);
    }
}
