package io.lockstep.agent.loop;

import io.lockstep.agent.log.FileDecisionLog;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.Stamp;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Serving;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Resolution;
import io.lockstep.generation.View;
import io.lockstep.health.StoreState;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Marker;
import io.lockstep.mount.Probe;
import io.lockstep.mount.Sight;
import io.lockstep.mount.TreeSight;
import io.lockstep.wire.ConflictReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A share and the disks of managers, all in memory but the decision log. Every durable step is counted, and at one of them
 * the process that does it can be ended.
 */
final class MergeWorld {
    final TreeMap<EntryPath, ManifestEntry> share = new TreeMap<>();
    /** Contents that a write to the share replaced, where they were. */
    final List<ManifestEntry> replacedOnShare = new ArrayList<>();

    /** What every manager looks into content with. */
    Inspector inspector = Loops.inspector();

    private int steps;
    private int endAt = Integer.MAX_VALUE;
    private int writeAt = Integer.MAX_VALUE;
    private Optional<ManifestEntry> written = Optional.empty();

    /** The process ends here. */
    static final class Ended extends Error {
        private static final long serialVersionUID = 1;
    }

    /** How many durable steps were done. */
    int steps() {
        return steps;
    }

    /** The process that does step {@code number} ends before it. */
    void endAt(int number) {
        endAt = number;
    }

    /** Somebody writes {@code entry} to the share right before step {@code number}. */
    void writeAt(int number, ManifestEntry entry) {
        writeAt = number;
        written = Optional.of(entry);
    }

    private void step() {
        if (++steps == endAt) {
            throw new Ended();
        }
        if (steps == writeAt) {
            share.put(written.orElseThrow().path(), written.orElseThrow());
        }
    }

    static Manifest manifestOf(TreeMap<EntryPath, ManifestEntry> tree) {
        return new Manifest(List.copyOf(tree.values()));
    }

    /** Of the share: what stands there and can't be read. */
    final Set<EntryPath> unreadable = new HashSet<>();

    /** What the share can tell apart. */
    Resolution resolution = Resolution.EXACT;

    private ManifestEntry asShown(ManifestEntry entry) {
        return entry.isFile()
                ? ManifestEntry.file(
                        entry.path(),
                        entry.mode(),
                        entry.sizeBytes(),
                        resolution.cut(entry.mtimeNanos()),
                        entry.digest().orElseThrow())
                : entry;
    }

    private TreeScan scanOfShare() {
        share.replaceAll((path, entry) -> asShown(entry));
        var findings = findingsOf(share);
        findings.replaceAll(
                finding -> unreadable.contains(EntryPath.of("server").resolve(finding.path()))
                        ? new Finding.Unreadable(finding.path(), finding.type(), "EACCES")
                        : finding);
        return new TreeScan.Scanned(Map.of("server", new Inventory(findings, 0, 0, 0)));
    }

    private static TreeScan scanOf(TreeMap<EntryPath, ManifestEntry> tree) {
        return new TreeScan.Scanned(Map.of("server", new Inventory(findingsOf(tree), 0, 0, 0)));
    }

    private static List<Finding> findingsOf(TreeMap<EntryPath, ManifestEntry> tree) {
        var findings = new ArrayList<Finding>();
        for (var entry : tree.values()) {
            entry.path().withoutFirst().ifPresent(path -> {
                var stamp = new Stamp(entry.sizeBytes(), entry.mtimeNanos(), 0, 1);
                findings.add(
                        entry.isFile()
                                ? new Finding.RegularFile(
                                        path,
                                        stamp,
                                        entry.mode(),
                                        entry.digest().orElseThrow())
                                : new Finding.Directory(path, stamp, entry.mode()));
            });
        }
        return findings;
    }

    /** Brings {@code tree} to {@code target} path by path; what is not as {@code seen} is left alone. */
    private Change bring(
            TreeMap<EntryPath, ManifestEntry> tree, Manifest target, Manifest seen, List<ManifestEntry> replaced) {
        var differences = ManifestDiff.between(target, seen).differences();
        int written = 0;
        for (int i = differences.size() - 1; i >= 0; i--) {
            var difference = differences.get(i);
            var path = difference.path();
            boolean changesType = difference.reference().isPresent()
                    && difference.actual().isPresent()
                    && difference.reference().get().isFile()
                            != difference.actual().get().isFile();
            if ((difference.reference().isEmpty() || changesType) && isAsSeen(tree, difference)) {
                boolean isEmpty = tree.keySet().stream().noneMatch(other -> other.isBelow(path));
                if (isEmpty) {
                    step();
                    if (isAsSeen(tree, difference)) {
                        replaced.add(tree.remove(path));
                        written++;
                    }
                }
            }
        }
        for (var difference : differences) {
            var path = difference.path();
            var isFree = !tree.containsKey(path) || isAsSeen(tree, difference);
            if (difference.reference().isPresent() && isFree) {
                step();
                // The exchange shows what came out: a write that came in between is put back.
                if (!tree.containsKey(path) || isAsSeen(tree, difference)) {
                    var before = tree.put(path, difference.reference().get());
                    if (before != null) {
                        replaced.add(before);
                    }
                    written++;
                }
            }
        }
        return new Change(written, 0, 0, Optional.empty());
    }

    private static boolean isAsSeen(TreeMap<EntryPath, ManifestEntry> tree, ManifestDiff.Difference difference) {
        return Optional.ofNullable(tree.get(difference.path())).equals(difference.actual());
    }

    /** One node's disk. */
    final class Disk implements State, Replica, Conflicts {
        final NodeName name;
        final TreeMap<EntryPath, ManifestEntry> replica = new TreeMap<>();
        final List<ManifestEntry> kept = new ArrayList<>();
        final List<ManifestEntry> preserved = new ArrayList<>();
        private final Set<Digest> stage = new HashSet<>();
        private final MemoryState state = new MemoryState();
        private final Path log;

        Disk(NodeName name, Path log) {
            this.name = name;
            this.log = log;
        }

        Path log() {
            return log;
        }

        FileDecisionLog openLog() throws IOException {
            return FileDecisionLog.open(log);
        }

        @Override
        public Optional<Applied> applied() {
            return state.applied();
        }

        @Override
        public void apply(Applied mark) {
            step();
            state.apply(mark);
        }

        @Override
        public Optional<Manifest> manifest(Digest root) {
            return state.manifest(root);
        }

        @Override
        public void keep(Manifest manifest) {
            step();
            state.keep(manifest);
        }

        @Override
        public void retain(Set<Digest> roots) {
            step();
            state.retain(roots);
        }

        @Override
        public TreeScan scan(Map<String, Inventory> previous, boolean everyDigest, ScanProgress progress) {
            return scanOf(replica);
        }

        @Override
        public List<ManifestEntry> notStaged(List<ManifestEntry> files, Manifest held) {
            return files.stream()
                    .filter(file -> !stage.contains(file.digest().orElseThrow()))
                    .toList();
        }

        @Override
        public Change apply(Generation generation, Manifest reference, View seen, List<Manifest> known) {
            var missing = notStaged(ManifestDiff.contentMissingFrom(seen.manifest(), reference), seen.manifest());
            if (!missing.isEmpty()) {
                return new Change(0, 0, 0, Optional.of("not staged: " + missing));
            }
            var replaced = new ArrayList<ManifestEntry>();
            var change = bring(replica, reference, seen.manifest(), replaced);
            replaced.stream()
                    .filter(entry -> known.stream()
                            .noneMatch(manifest -> manifest.find(entry.path()).equals(Optional.of(entry))))
                    .forEach(preserved::add);
            return change;
        }

        @Override
        public void recover(Generation reference, List<Manifest> known) {
            throw new AssertionError("the loop's start is not tested here");
        }

        @Override
        public void clearStage() {
            stage.clear();
        }

        Inspector inspector() {
            return inspector;
        }

        @Override
        public StoreState store() {
            return StoreState.EMPTY;
        }

        @Override
        public int conflicts() {
            return kept.size();
        }

        @Override
        public List<ManifestEntry> unkept(List<ManifestEntry> files) {
            return files.stream().filter(file -> !kept.contains(file)).toList();
        }

        @Override
        public Optional<String> keep(GenerationId reference, List<ManifestEntry> files) {
            for (var file : files) {
                if (!stage.contains(file.digest().orElseThrow())) {
                    return Optional.of("not staged: " + file);
                }
                step();
                kept.add(file);
            }
            return Optional.empty();
        }

        @Override
        public ConflictReport list() {
            throw new AssertionError("nobody asks");
        }

        @Override
        public Optional<String> stage(ConflictReport.Conflict conflict) {
            throw new AssertionError("nobody decides");
        }

        @Override
        public Optional<String> close(ConflictReport.Conflict conflict) {
            throw new AssertionError("nobody decides");
        }

        /** The share as this node reaches it. */
        Share reachedShare() {
            return new ReachedShare(this);
        }
    }

    /** The share; content goes into the stage of the node that asks. */
    private final class ReachedShare implements Share {
        private final Disk disk;

        ReachedShare(Disk disk) {
            this.disk = disk;
        }

        @Override
        public Probe probe(Beacon beacon, List<NodeName> peers) {
            return new Probe.Looked(List.of(new TreeSight(
                    "server",
                    new Sight.Seen<>("1:2"),
                    new Sight.Seen<>(new Marker("prod", "4711")),
                    new Sight.Seen<>(beacon),
                    Map.of())));
        }

        @Override
        public TreeScan scan(Map<String, Inventory> previous, boolean everyDigest, ScanProgress progress) {
            return scanOfShare();
        }

        @Override
        public Staging stage(List<ManifestEntry> files) {
            var missing = new ArrayList<ManifestEntry>();
            for (var file : files) {
                var there = share.get(file.path());
                if (there != null && there.hasContentOf(file)) {
                    step();
                    disk.stage.add(file.digest().orElseThrow());
                } else {
                    missing.add(file);
                }
            }
            return new Staging(missing, missing.isEmpty() ? Optional.empty() : Optional.of("the share lacks it"));
        }

        @Override
        public Change write(Manifest target, View seen) {
            if (!manifestOf(disk.replica).equals(target)) {
                return new Change(0, 0, 0, Optional.of("the replica is not the reference"));
            }
            // The look was held against the reference, which the share can't do.
            var shown = new TreeMap<EntryPath, ManifestEntry>();
            seen.manifest().entries().forEach(entry -> shown.put(entry.path(), asShown(entry)));
            return bring(share, target, manifestOf(shown), replacedOnShare);
        }
    }

    /** A manager's process, from its start until it ends; its threads do all at once. */
    static final class Process implements AutoCloseable {
        private final FileDecisionLog log;
        private final Ledger ledger;
        private final ShareWatch shareWatch;
        private final ReplicaWatch replicaWatch;
        private final ReplicaSync replicaSync;
        private final ManagerDuty managerDuty;
        private final NodeDuty nodeDuty;

        Process(Disk disk, LoopSettings settings, Instant now) throws IOException {
            log = disk.openLog();
            ledger = new Ledger(log, disk);
            var listener = new LoopListener() {};
            Runnable nothing = () -> {};
            var share = disk.reachedShare();
            shareWatch = new ShareWatch(
                    share,
                    () -> {
                        throw new IOException("nothing is mounted in memory");
                    },
                    settings,
                    listener,
                    Runnable::run,
                    Runnable::run,
                    nothing,
                    1,
                    now);
            replicaWatch = new ReplicaWatch(disk, settings, listener, Runnable::run, nothing, now);
            var peers = new NoPeers();
            replicaSync =
                    new ReplicaSync(disk, share, peers, listener, Runnable::run, Runnable::run, Runnable::run, nothing);
            var contact = new ContactWatch(settings, ledger, peers, Runnable::run, nothing);
            contact.adoptShare();
            managerDuty = new ManagerDuty(
                    settings,
                    ledger,
                    share,
                    disk,
                    disk.inspector(),
                    contact,
                    listener,
                    Runnable::run,
                    Runnable::run,
                    Runnable::run,
                    nothing);
            nodeDuty = new NodeDuty(settings, ledger, new OnReplica(), shareWatch, replicaWatch, replicaSync, listener);
        }

        Ledger ledger() {
            return ledger;
        }

        ManagerDuty managerDuty() {
            return managerDuty;
        }

        /** A turn of the control loop, as {@link ControlLoop} does it. */
        void turn(Instant now) throws IOException {
            shareWatch.turn(
                    new ShareWatch.Told(List.of(), true, ledger.decided().shares()), now);
            shareWatch.alignTo(ledger.reference());
            shareWatch.want();
            replicaWatch.turn(now, replicaSync.isBusy());
            replicaWatch.want();
            managerDuty.turn(shareWatch, replicaWatch, List.of(), replicaSync.isBusy(), now);
            nodeDuty.turn(
                    List.of(), managerDuty.needsStage(), managerDuty.heldBack().root(), now);
        }

        @Override
        public void close() throws IOException {
            log.close();
        }
    }

    /** A node that reads its replica whatever it is told. */
    private static final class OnReplica implements LivePaths {
        @Override
        public Serving serving() {
            return Serving.REPLICA;
        }

        @Override
        public Optional<String> flip(Serving to) {
            return Optional.empty();
        }

        @Override
        public Optional<String> limit() {
            return Optional.empty();
        }
    }
}
