package io.lockstep.agent.app;

import io.lockstep.agent.config.ShareLocation;
import io.lockstep.agent.loop.Change;
import io.lockstep.agent.mountio.ChildSettings;
import io.lockstep.agent.mountio.ShareService;
import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.posix.Place;
import io.lockstep.agent.store.ApplyPlan;
import io.lockstep.agent.store.ConflictStore;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.KeptCopies;
import io.lockstep.agent.store.Trash;
import io.lockstep.agent.vfs.RemoteProbe;
import io.lockstep.agent.vfs.RemoteSettings;
import io.lockstep.agent.vfs.RemoteTree;
import io.lockstep.agent.vfs.RemoteWatch;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Finding;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.MountRule;
import io.lockstep.mount.Probe;
import io.lockstep.mount.TreeSight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * The share as directories on servers. Lives in the child process. Probes have connections of their own, so that one may
 * run beside a scan.
 */
final class RemoteShare implements ShareService {
    private final String clusterId;
    private final String node;
    private final Duration racyWindow;
    private final List<Tree> trees = new ArrayList<>();

    /** One tree; {@code scratch} is a local directory for what is fetched and looked at. */
    private record Tree(
            String name,
            RemoteProbe probe,
            RemoteTree remote,
            TreeFilter filter,
            ContentStage stage,
            KeptCopies copies,
            Path scratch) {}

    private static ShareLocation locationOf(ChildSettings.Tree tree) {
        return ShareLocation.parse(tree.share(), Path.of("/"));
    }

    /**
     * Connects to nothing yet.
     *
     * @param clock that never goes back
     * @param probing hears of the calls of probes
     * @param working hears of all others
     */
    RemoteShare(ChildSettings settings, InstantSource clock, CallWatch probing, CallWatch working) {
        clusterId = settings.clusterId();
        node = settings.node();
        racyWindow = settings.racyWindow();
        var dot = RemoteShares.dot();
        for (var tree : settings.trees()) {
            var uri = ((ShareLocation.Remote) locationOf(tree)).uri();
            var credentials =
                    tree.credentials().isEmpty() ? Optional.<Path>empty() : Optional.of(Path.of(tree.credentials()));
            var place = new RemoteSettings(tree.name(), uri, credentials, settings.deadline());
            var work = Path.of(tree.work());
            var trash = new Trash(Disk.trash(work), working);
            var conflicts = new ConflictStore(Disk.conflicts(work), working);
            trees.add(new Tree(
                    tree.name(),
                    new RemoteProbe(place, dot, clock, new Watched(Place.of(tree.share()), probing)),
                    new RemoteTree(place, dot, clock, new Watched(Place.of(tree.share()), working)),
                    new TreeFilter(tree.include(), tree.exclude(), tree.report()),
                    new ContentStage(Disk.stage(work), working),
                    new KeptCopies(trash, conflicts, clock),
                    work.resolve("remote")));
        }
    }

    /** Tells of a server's calls as of an operating system's. */
    private record Watched(Place place, CallWatch watch) implements RemoteWatch {
        @Override
        public void begins(String step) {
            watch.begins(step, place);
        }

        @Override
        public void ended() {
            watch.ended();
        }
    }

    @Override
    public List<TreeSight> probe(Beacon beacon, List<NodeName> peers) {
        return trees.stream().map(tree -> tree.probe().probe(beacon, peers)).toList();
    }

    /** Looks at the markers alone: what is scanned or written next is this cluster's share. */
    private List<TreeSight> glance() {
        return trees.stream().map(tree -> tree.remote().glance()).toList();
    }

    /** What speaks against the share. */
    private Optional<Problem> judge(List<TreeSight> sights) {
        var verdict = MountRule.judge(new Probe.Looked(sights), clusterId);
        return verdict.reason() == Reason.OK
                ? Optional.empty()
                : Optional.of(new Problem(verdict.reason(), verdict.detail()));
    }

    @Override
    public Optional<Problem> scan(ScanOrder order, ScanReport report) {
        var before = glance();
        var problem = judge(before);
        for (int i = 0; i < trees.size() && problem.isEmpty(); i++) {
            problem = scan(trees.get(i), order, report);
        }
        if (problem.isPresent()) {
            return problem;
        }
        var after = glance();
        problem = judge(after);
        return problem.isPresent() || before.equals(after)
                ? problem
                : Optional.of(
                        new Problem(Reason.SHARE_MISSING, "the share was another one after the scan than before"));
    }

    private Optional<Problem> scan(Tree tree, ScanOrder order, ScanReport report) {
        var before = order.known().get(tree.name());
        var known = before == null
                ? RemoteTree.Known.NOTHING
                : new RemoteTree.Known(before.table(), before.scanStartNanos());
        var scan = tree.remote()
                .scan(tree.filter(), known, order.everyDigest(), racyWindow, new Reported(tree.name(), report));
        if (scan instanceof RemoteTree.Scan.Scanned scanned) {
            report.scanned(
                    tree.name(),
                    new ScannedTree(
                            scanned.startNanos(), scanned.kept(), scanned.hashedFiles(), scanned.hashedBytes()));
            return Optional.empty();
        }
        var failed = (RemoteTree.Scan.Failed) scan;
        return Optional.of(new Problem(failed.reason(), failed.detail()));
    }

    /** One tree's part of a report. */
    private record Reported(String tree, ScanReport report) implements RemoteTree.Report {
        @Override
        public void progress(long entries, long bytes) {
            report.progress(entries, bytes);
        }

        @Override
        public void found(Finding finding) {
            report.found(tree, finding);
        }
    }

    private Tree tree(String name) {
        return trees.stream()
                .filter(tree -> tree.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no tree called " + name));
    }

    @Override
    public Staged stage(List<ManifestEntry> files) {
        var staged = new BitSet(files.size());
        Optional<String> problem = Optional.empty();
        for (int i = 0; i < files.size(); i++) {
            var file = files.get(i);
            var failure = stage(tree(file.path().first().toString()), file);
            staged.set(i, failure.isEmpty());
            problem = problem.or(() -> failure);
        }
        return new Staged(staged, problem);
    }

    /** Why the content is not staged; empty when it is. */
    private static Optional<String> stage(Tree tree, ManifestEntry file) {
        if (tree.stage().has(file.digest().orElseThrow())) {
            return Optional.empty();
        }
        try {
            var target = Files.createDirectories(tree.scratch()).resolve("staged");
            var below = file.path().withoutFirst().orElseThrow();
            var failure = adopt(tree, file, tree.remote().fetch(below, target), target);
            Files.deleteIfExists(target);
            return failure;
        } catch (IOException e) {
            return Optional.of("this node's disk refuses: " + e);
        }
    }

    private static Optional<String> adopt(Tree tree, ManifestEntry file, RemoteTree.Fetch fetch, Path target) {
        var wanted = file.digest().orElseThrow();
        if (!(fetch instanceof RemoteTree.Fetch.Fetched fetched)) {
            return Optional.of(file.path() + ": " + why(fetch));
        }
        if (!fetched.digest().equals(wanted)) {
            return Optional.of(file.path() + " has other content now");
        }
        return tree.stage().adopt(target, wanted) instanceof ContentStage.Adoption.Adopted
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
    public Written write(WriteOrder order) {
        var problem = judge(glance());
        if (problem.isPresent()) {
            return new Written(0, 0, 0, Optional.of(problem.get().detail()));
        }
        var sum = Changes.sum(trees.stream().map(tree -> write(tree, order)).toList());
        return new Written(sum.written(), sum.trashed(), sum.preserved(), sum.problem());
    }

    private Change write(Tree tree, WriteOrder order) {
        var root = EntryPath.of(tree.name());
        if (order.target().find(root).isEmpty()) {
            return failed("the generation does not speak of tree " + tree.name()
                    + ": all nodes need the same trees in their configuration");
        }
        try {
            Files.createDirectories(tree.scratch());
        } catch (IOException e) {
            return failed("this node's disk refuses: " + e);
        }
        var keeper = new StoredCopies(
                root,
                order.generation(),
                List.of(order.seen().manifest(), order.target()),
                tree.stage(),
                tree.copies());
        var orders = RemoteOrders.of(ApplyPlan.of(root, order.target(), order.seen()));
        return RemoteOrders.change(tree.remote().write(orders, node, tree.scratch(), keeper), keeper);
    }

    private static Change failed(String problem) {
        return new Change(0, 0, 0, Optional.of(problem));
    }
}
