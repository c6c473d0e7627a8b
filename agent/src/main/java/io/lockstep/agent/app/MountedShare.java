package io.lockstep.agent.app;

import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.loop.Change;
import io.lockstep.agent.loop.TreeScan;
import io.lockstep.agent.mountio.ChildSettings;
import io.lockstep.agent.mountio.ShareService;
import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.scan.FindingSink;
import io.lockstep.agent.scan.TreeScanner;
import io.lockstep.agent.scan.WalkOutcome;
import io.lockstep.agent.scan.WalkRequest;
import io.lockstep.agent.store.ApplyRequest;
import io.lockstep.agent.store.ConflictStore;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.ForeignContent;
import io.lockstep.agent.store.Trash;
import io.lockstep.agent.store.TreeApplier;
import io.lockstep.agent.store.TreePlace;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Finding;
import io.lockstep.digest.StampTable;
import io.lockstep.generation.ManifestCodec;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.ErrnoRule;
import io.lockstep.mount.MountRule;
import io.lockstep.mount.Probe;
import io.lockstep.mount.Sight;
import io.lockstep.mount.TreeSight;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The share as directories of a mount. Lives in the child process: it is the only class that touches the share while an
 * agent runs.
 */
final class MountedShare implements ShareService {
    private static final KnownTree NOTHING = new KnownTree(StampTable.of(List.of()), 0);

    private final String clusterId;
    private final InstantSource clock;
    private final CallWatch working;
    private final List<ShareLook> probes = new ArrayList<>();
    private final List<ShareLook> glances = new ArrayList<>();
    private final Map<String, Path> roots = new TreeMap<>();
    private final Map<String, TreeScanner> scanners = new TreeMap<>();
    private final Map<String, ContentStage> stages = new TreeMap<>();
    private final Map<String, TreeApplier> appliers = new TreeMap<>();

    /**
     * Touches nothing yet.
     *
     * @param clock of the file system that holds the share, or one that is right to the racy window
     * @param probing hears of the calls of probes
     * @param working hears of all others
     */
    MountedShare(ChildSettings settings, InstantSource clock, CallWatch probing, CallWatch working) {
        clusterId = settings.clusterId();
        this.clock = clock;
        this.working = working;
        for (var tree : settings.trees()) {
            var name = tree.name();
            var root = Path.of(tree.share());
            var work = Path.of(tree.work());
            var filter = new TreeFilter(tree.include(), tree.exclude(), tree.report());
            probes.add(new ShareLook(name, root, probing));
            glances.add(new ShareLook(name, root, working));
            roots.put(name, root);
            scanners.put(
                    name,
                    new TreeScanner(filter, settings.threads(), settings.racyWindow(), ManifestCodec.MAX_ENTRIES));
            stages.put(name, new ContentStage(Disk.stage(work), working));
            // Only a name on the same file system can be renamed into place; the marker's directory is no part of a
            // tree.
            var place = new TreePlace(
                    name, root, root.resolve(ShareMarker.DIRECTORY).resolve("tmp"), ForeignContent.LEAVE_ALONE);
            appliers.put(
                    name,
                    new TreeApplier(
                            place,
                            Stages.of(stages, name),
                            new Trash(Disk.trash(work), working),
                            new ConflictStore(Disk.conflicts(work), working),
                            work,
                            clock,
                            working));
        }
    }

    @Override
    public List<TreeSight> probe(Beacon beacon, List<NodeName> peers) {
        return probes.stream().map(look -> look.look(beacon, peers)).toList();
    }

    /** Looks at the markers alone: what is scanned or written next is this cluster's share. */
    private List<TreeSight> glance() {
        return glances.stream().map(ShareLook::glance).toList();
    }

    /** What speaks against the share. */
    private Optional<Problem> judge(List<TreeSight> sights) {
        var verdict = MountRule.judge(new Probe.Looked(sights), clusterId);
        return verdict.reason() == Reason.OK
                ? Optional.empty()
                : Optional.of(new Problem(verdict.reason(), verdict.detail()));
    }

    private static List<Sight<String>> identities(List<TreeSight> sights) {
        return sights.stream().map(TreeSight::directory).toList();
    }

    @Override
    public Optional<Problem> scan(ScanOrder order, ScanReport report) {
        var before = glance();
        var problem = judge(before);
        if (problem.isPresent()) {
            return problem;
        }
        for (var tree : roots.entrySet()) {
            var known = order.known().getOrDefault(tree.getKey(), NOTHING);
            problem = scan(tree.getKey(), tree.getValue(), known, order.everyDigest(), report);
            if (problem.isPresent()) {
                return problem;
            }
        }
        var after = glance();
        problem = judge(after);
        if (problem.isPresent()) {
            return problem;
        }
        return identities(before).equals(identities(after))
                ? Optional.empty()
                : Optional.of(new Problem(Reason.SHARE_MISSING, "another directory was mounted during the scan"));
    }

    private Optional<Problem> scan(String tree, Path root, KnownTree known, boolean everyDigest, ScanReport report) {
        long start = Trees.nanos(clock.instant());
        var scanner = scanners.get(tree);
        if (scanner == null) {
            throw new IllegalStateException("no scanner for " + tree);
        }
        var outcome = scanner.walk(new WalkRequest(
                root,
                known.table(),
                known.scanStartNanos(),
                everyDigest,
                start,
                new Reported(tree, report),
                Trees.steps(report::progress),
                working));
        if (outcome instanceof WalkOutcome.Walked walked) {
            report.scanned(tree, new ScannedTree(start, walked.kept(), walked.hashedFiles(), walked.hashedBytes()));
            return Optional.empty();
        }
        TreeScan.Failed failed =
                Trees.failed(((WalkOutcome.Ended) outcome).why(), root, Reason.SHARE_MISSING, ErrnoRule::reason);
        return Optional.of(new Problem(failed.reason(), failed.detail()));
    }

    /** One tree's part of a report. */
    private record Reported(String tree, ScanReport report) implements FindingSink {
        @Override
        public void found(Finding finding) {
            report.found(tree, finding);
        }

        @Override
        public void severed(EntryPath directory) {
            report.severed(tree, directory);
        }
    }

    @Override
    public Staged stage(List<ManifestEntry> files) {
        var staging = Stages.stage(files, stages, this::root, working);
        var missing = new HashSet<>(staging.missing());
        var staged = new BitSet(files.size());
        for (int i = 0; i < files.size(); i++) {
            staged.set(i, !missing.contains(files.get(i)));
        }
        return new Staged(staged, staging.problem());
    }

    private Path root(String tree) {
        var root = roots.get(tree);
        if (root == null) {
            throw new IllegalArgumentException("there is no tree called " + tree);
        }
        return root;
    }

    @Override
    public Written write(WriteOrder order) {
        var problem = judge(glance());
        if (problem.isPresent()) {
            return new Written(0, 0, 0, Optional.of(problem.get().detail()));
        }
        var request = new ApplyRequest(
                order.generation(),
                order.target(),
                order.seen(),
                List.of(order.seen().manifest()));
        var changes = new ArrayList<Change>();
        appliers.values().forEach(applier -> changes.add(Changes.of(applier.apply(request))));
        var sum = Changes.sum(changes);
        return new Written(sum.written(), sum.trashed(), sum.preserved(), sum.problem());
    }
}
