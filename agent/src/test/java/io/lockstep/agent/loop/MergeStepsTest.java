package io.lockstep.agent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.loop.MergeWorld.Disk;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.LogEntry;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Resolution;
import io.lockstep.reconcile.ThreeWayMerge;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A merge that ends at every durable step that there is, and is gone on with: by its manager, and by another one. */
class MergeStepsTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    /** Generous: a merge takes about 20. */
    private static final int MOST_TURNS = 80;

    private static final Manifest BASE = manifest(
            "both=0",
            "live-only=0",
            "share-only=0",
            "live-deletes=0",
            "share-deletes=0",
            "live-deletes-changed=0",
            "share-deletes-changed=0",
            "d/x=0",
            "e/y=0");
    private static final Manifest LIVE = manifest(
            "both=live",
            "live-only=live",
            "share-only=0",
            "share-deletes=0",
            "share-deletes-changed=live",
            "live-new=live",
            // A directory here, a file there.
            "d/x=live",
            "e=a file of live");
    private static final Manifest SHARE = manifest(
            "both=share",
            "live-only=0",
            "share-only=share",
            "live-deletes=0",
            "live-deletes-changed=share",
            "share-new=share",
            "d=a file of the share",
            "e/y=share");
    private static final ThreeWayMerge MERGE = ThreeWayMerge.of(BASE, LIVE, SHARE);

    @TempDir
    private Path directory;

    private final MergeWorld world = new MergeWorld();
    private Instant now = START;
    private ThreeWayMerge merge = MERGE;

    private static Manifest manifest(String... files) {
        var entries = new TreeMap<EntryPath, ManifestEntry>();
        var root = EntryPath.of("server");
        entries.put(root, ManifestEntry.directory(root, 0));
        for (var file : files) {
            var nameAndContent = file.split("=", 2);
            var path = EntryPath.of("server/" + nameAndContent[0]);
            var content = (path + " " + nameAndContent[1]).getBytes(StandardCharsets.UTF_8);
            path.parent().ifPresent(above -> entries.putIfAbsent(above, ManifestEntry.directory(above, 0755)));
            entries.put(path, ManifestEntry.file(path, 0644, content.length, content.length, Digest.of(content)));
        }
        entries.put(root, ManifestEntry.directory(root, 0));
        return new Manifest(List.copyOf(entries.values()));
    }

    private static void fill(Map<EntryPath, ManifestEntry> tree, Manifest manifest) {
        tree.clear();
        manifest.entries().forEach(entry -> tree.put(entry.path(), entry));
    }

    /** A node that has lived through the loss of the share, as the manager or as its worker. */
    private Disk node(NodeName name) throws IOException {
        var disk = world.new Disk(name, directory.resolve(name + ".log"));
        try (var log = disk.openLog()) {
            var ledger = new Ledger(log, disk);
            ledger.enter(Mode.SHARED, Reason.SHARE_EQUAL, Loops.MANAGER, START);
            ledger.register("server", "4711", START);
            ledger.commit(BASE, START);
            ledger.enter(Mode.RSYNC, Reason.SHARE_LOST, Loops.MANAGER, START);
            ledger.commit(LIVE, START);
            ledger.markApplied();
        }
        fill(disk.replica, LIVE);
        return disk;
    }

    private ShareKind kind = ShareKind.MOUNT;
    private DeletionGuard guard = new DeletionGuard(100, 1);

    private LoopSettings managedBy(NodeName node) {
        return Loops.settings(node, node, true, kind, guard);
    }

    private MergeWorld.Running start(Disk disk) throws IOException {
        return new MergeWorld.Running(disk, managedBy(disk.name), now);
    }

    /** Turns until {@code condition} holds. */
    private void until(MergeWorld.Running process, String what, BooleanSupplier condition) throws IOException {
        for (int turn = 0; turn < MOST_TURNS; turn++) {
            now = now.plusSeconds(1);
            process.turn(now);
            if (condition.getAsBoolean()) {
                return;
            }
        }
        throw new AssertionError("after " + MOST_TURNS + " turns not yet: " + what + ", but "
                + process.ledger().decided());
    }

    private void turns(MergeWorld.Running process, int count) throws IOException {
        for (int turn = 0; turn < count; turn++) {
            now = now.plusSeconds(1);
            process.turn(now);
        }
    }

    /** Runs {@code disk}'s node as the manager until the share is back; false when the process ended before. */
    private boolean run(Disk disk) throws IOException {
        try (var process = start(disk)) {
            for (int turn = 0; turn < MOST_TURNS; turn++) {
                now = now.plusSeconds(1);
                process.turn(now);
                requireNothingIsLost(disk);
                if (process.ledger().decided().mode() == Mode.SHARED) {
                    return true;
                }
            }
            throw new AssertionError("not SHARED after " + MOST_TURNS + " turns: "
                    + process.ledger().decided());
        } catch (MergeWorld.Ended e) {
            return false;
        } catch (CompletionException e) {
            if (e.getCause() instanceof MergeWorld.Ended) {
                return false;
            }
            throw e;
        }
    }

    private final List<Disk> disks = new ArrayList<>();

    /** What was on the share, and is there no more, is what some node serves, or keeps. */
    private void requireNothingIsLost(Disk running) {
        var kept = new HashSet<ManifestEntry>();
        disks.forEach(disk -> kept.addAll(disk.kept));
        assertThat(kept)
                .containsAll(world.replacedOnShare.stream()
                        .filter(merge.conflicts()::contains)
                        .toList());
        assertThat(running.preserved)
                .as("nothing of the manager's own is foreign")
                .isEmpty();
    }

    private void requireMerged(Disk last) throws IOException {
        assertThat(MergeWorld.manifestOf(world.share)).isEqualTo(merge.merged());
        assertThat(MergeWorld.manifestOf(last.replica)).isEqualTo(merge.merged());
        var kept = new ArrayList<ManifestEntry>();
        disks.forEach(disk -> kept.addAll(disk.kept));
        assertThat(kept).containsAll(merge.conflicts());
        for (var disk : disks) {
            assertThat(disk.kept).as("each once").doesNotHaveDuplicates();
        }
        try (var log = last.openLog()) {
            var committed = log.entriesAfter(0, Integer.MAX_VALUE).stream()
                    .filter(LogEntry.Commit.class::isInstance)
                    .map(entry -> ((LogEntry.Commit) entry).generation().root())
                    .toList();
            assertThat(committed)
                    .containsExactly(BASE.root(), LIVE.root(), merge.merged().root());
        }
    }

    private void begin(NodeName... nodes) throws IOException {
        try (var files = Files.list(directory)) {
            for (var file : files.toList()) {
                Files.delete(file);
            }
        }
        disks.clear();
        world.replacedOnShare.clear();
        fill(world.share, SHARE);
        for (var node : nodes) {
            disks.add(node(node));
        }
    }

    @Test
    void theCasesAreAllThere() {
        assertThat(MERGE.conflicts())
                .extracting(entry -> entry.path().toString())
                .containsExactly("server/both", "server/d", "server/e/y");
        assertThat(MERGE.merged())
                .isEqualTo(manifest(
                        "both=live",
                        "live-only=live",
                        "share-only=share",
                        "live-deletes-changed=share",
                        "share-deletes-changed=live",
                        "live-new=live",
                        "share-new=share",
                        "d/x=live",
                        "e=a file of live"));
    }

    @Test
    void endedAtAnyStepAndStartedAgainItIsTheSame() throws Exception {
        begin(Loops.MANAGER);
        int before = world.steps();
        assertThat(run(disks.get(0))).isTrue();
        requireMerged(disks.get(0));
        int all = world.steps() - before;
        assertThat(all).as("durable steps of a merge").isGreaterThan(20);

        for (int step = 1; step <= all; step++) {
            begin(Loops.MANAGER);
            world.endAt(world.steps() + step);
            assertThat(run(disks.get(0))).as("step " + step).isFalse();
            assertThat(run(disks.get(0))).as("after step " + step).isTrue();
            requireMerged(disks.get(0));
        }
    }

    @Test
    void endedAtAnyStepAndGoneOnWithByAnotherManagerItIsTheSame() throws Exception {
        begin(Loops.MANAGER, Loops.WORKER);
        int before = world.steps();
        assertThat(run(disks.get(0))).isTrue();
        int all = world.steps() - before;

        for (int step = 1; step <= all; step++) {
            begin(Loops.MANAGER, Loops.WORKER);
            world.endAt(world.steps() + step);
            assertThat(run(disks.get(0))).as("step " + step).isFalse();
            var heir = heir(disks.get(0), disks.get(1));
            // The first manager may never come back.
            var stillOnShare = merge.conflicts().stream()
                    .filter(world.share::containsValue)
                    .toList();
            assertThat(run(heir)).as("after step " + step).isTrue();
            requireMerged(heir);
            assertThat(heir.kept).as("after step " + step).containsAll(stillOnShare);
        }
    }

    @Test
    void whatSomebodyWritesToTheShareMeanwhileIsLiveOrAConflict() throws Exception {
        for (var path : List.of("both", "live-only", "live-deletes", "live-new", "written-new", "share-only")) {
            begin(Loops.MANAGER);
            int before = world.steps();
            assertThat(run(disks.get(0))).isTrue();
            int all = world.steps() - before;
            var written = manifest(path + "=written meanwhile")
                    .find(EntryPath.of("server/" + path))
                    .orElseThrow();

            for (int step = 1; step <= all; step++) {
                begin(Loops.MANAGER);
                world.writeAt(world.steps() + step, written);
                assertThat(run(disks.get(0))).isTrue();

                var live = MergeWorld.manifestOf(world.share);
                assertThat(MergeWorld.manifestOf(disks.get(0).replica)).isEqualTo(live);
                boolean isLive = live.find(written.path()).equals(Optional.of(written));
                assertThat(isLive || disks.get(0).kept.contains(written))
                        .as("%s, written before step %d, is live or kept", path, step)
                        .isTrue();
                assertThat(disks.get(0).kept).containsAll(stillConflicts(written));
            }
        }
    }

    /** The conflicts of before, save at the path that was written over on the share itself. */
    private static List<ManifestEntry> stillConflicts(ManifestEntry written) {
        return MERGE.conflicts().stream()
                .filter(conflict -> !conflict.path().equals(written.path()))
                .toList();
    }

    @Test
    void aShareThatKeepsOnlyWholeSecondsIsMergedAsWell() throws Exception {
        kind = ShareKind.remote(Resolution.SECONDS);
        world.resolution = kind.resolution();
        begin(Loops.MANAGER);

        assertThat(run(disks.get(0))).isTrue();

        var live = MergeWorld.manifestOf(disks.get(0).replica);
        assertThat(contents(live)).isEqualTo(contents(MERGE.merged()));
        assertThat(contents(MergeWorld.manifestOf(world.share))).isEqualTo(contents(MERGE.merged()));
        // What the share did not change keeps its exact time: Gateways would deploy it anew for another.
        for (var what : List.of("both", "live-only", "live-new", "d/x")) {
            var path = EntryPath.of("server/" + what);
            assertThat(live.find(path)).isEqualTo(LIVE.find(path));
        }
        assertThat(disks.get(0).kept)
                .extracting(ManifestEntry::path)
                .containsExactlyElementsOf(
                        MERGE.conflicts().stream().map(ManifestEntry::path).toList());
    }

    private static List<String> contents(Manifest manifest) {
        return manifest.entries().stream()
                .map(entry -> entry.path() + " " + entry.digest())
                .toList();
    }

    @Test
    void aMergeThatDeletesMoreThanTheGuardAllowsWaitsForAnApprovalOfExactlyIt() throws Exception {
        guard = new DeletionGuard(0, 0);
        begin(Loops.MANAGER);
        try (var process = start(disks.get(0))) {
            until(process, "a hold", () -> !process.managerDuty().holds().isEmpty());
            var hold = process.managerDuty().holds().get(0);
            assertThat(hold.reason()).isEqualTo(Reason.DELETION_GUARD);
            assertThat(hold.plan()).isEqualTo(MERGE.merged().root());
            turns(process, 20);
            assertThat(process.ledger().reference()).contains(LIVE);
            assertThat(MergeWorld.manifestOf(world.share)).isEqualTo(SHARE);

            // Somebody puts one file back: that is another plan, and the first can't be approved any more.
            var putBack = BASE.find(EntryPath.of("server/share-deletes")).orElseThrow();
            world.share.put(putBack.path(), putBack);
            turns(process, 20);
            var other = process.managerDuty().holds().get(0);
            assertThat(other.plan()).isNotEqualTo(hold.plan());
            assertThat(process.managerDuty().orders().approve(hold.id(), now)).isFalse();
            turns(process, 20);
            assertThat(process.ledger().reference()).contains(LIVE);

            assertThat(process.managerDuty().orders().approve(other.id(), now)).isTrue();
            until(process, "SHARED", () -> process.ledger().decided().mode() == Mode.SHARED);
            assertThat(MergeWorld.manifestOf(world.share).root()).isEqualTo(other.plan());
        }
    }

    @Test
    void anEmptiedShareIsAHoldAndNoMergeThatDeletes() throws Exception {
        guard = DeletionGuard.standard();
        begin(Loops.MANAGER);
        world.share.keySet().removeIf(path -> path.parent().isPresent());
        try (var process = start(disks.get(0))) {
            until(process, "a hold", () -> !process.managerDuty().holds().isEmpty());
            turns(process, 20);
            assertThat(process.managerDuty().holds().get(0).reason()).isEqualTo(Reason.DELETION_GUARD);
            assertThat(process.ledger().decided().mode()).isEqualTo(Mode.RSYNC);
            assertThat(process.ledger().reference()).contains(LIVE);

            // It is filled again one by one: while something is missing the rest is not let go.
            for (var entry : BASE.entries()) {
                assertThat(process.ledger().reference()).contains(LIVE);
                world.share.put(entry.path(), entry);
                turns(process, 4);
            }
            until(process, "SHARED", () -> process.ledger().decided().mode() == Mode.SHARED);
            assertThat(MergeWorld.manifestOf(world.share)).isEqualTo(LIVE);
        }
    }

    @Test
    void aShareThatCannotBeToldIsAHoldUntilItCan() throws Exception {
        begin(Loops.MANAGER);
        world.unreadable.add(EntryPath.of("server/share-only"));
        try (var process = start(disks.get(0))) {
            until(process, "a hold", () -> !process.managerDuty().holds().isEmpty());
            var hold = process.managerDuty().holds().get(0);
            assertThat(hold.reason()).isEqualTo(Reason.SHARE_DIVERGED);
            assertThat(hold.paths()).containsExactly(EntryPath.of("server/share-only"));
            turns(process, 20);
            assertThat(process.ledger().reference()).contains(LIVE);

            world.unreadable.clear();
            until(process, "SHARED", () -> process.ledger().decided().mode() == Mode.SHARED);
        }
        requireMerged(disks.get(0));
    }

    @Test
    void whatAnOperatorOrdersComesToAnEmptiedShareAsWell() throws Exception {
        guard = DeletionGuard.standard();
        var disk = world.new Disk(Loops.MANAGER, directory.resolve("ordered.log"));
        try (var log = disk.openLog()) {
            var ledger = new Ledger(log, disk);
            ledger.enter(Mode.SHARED, Reason.SHARE_EQUAL, Loops.MANAGER, START);
            ledger.register("server", "4711", START);
            ledger.commit(BASE, START);
            ledger.markApplied();
        }
        disks.add(disk);
        fill(disk.replica, BASE);
        fill(world.share, BASE);
        world.share.keySet().removeIf(path -> path.parent().isPresent());
        var wanted = manifest("both=0", "live-only=0", "d/x=0");
        try (var process = start(disk)) {
            until(process, "HOLD", () -> process.ledger().decided().mode() == Mode.HOLD);

            var answer = process.managerDuty()
                    .orders()
                    .order(new Target(
                            Optional.of(BASE.root()),
                            wanted,
                            Reason.OPERATOR,
                            () -> new Staging(List.of(), Optional.empty())));
            until(process, "SHARED", () -> process.ledger().decided().mode() == Mode.SHARED);

            assertThat(answer.get()).isInstanceOf(TargetOutcome.Committed.class);
            turns(process, 5);
            assertThat(process.ledger().reference()).contains(wanted);
            assertThat(MergeWorld.manifestOf(world.share)).isEqualTo(wanted);
            assertThat(MergeWorld.manifestOf(disk.replica)).isEqualTo(wanted);
        }
    }

    @Test
    void whatNoGenerationMayHaveIsKeptAsAConflictAndLeavesTheShareAtWhateverStepItEnded() throws Exception {
        var refused = Set.of(
                EntryPath.of("server/share-new"),
                EntryPath.of("server/share-only"),
                EntryPath.of("server/live-deletes-changed"));
        world.inspector = Loops.refusing(refused);
        merge = ThreeWayMerge.of(
                BASE,
                LIVE,
                SHARE,
                (path, state) -> state.equals(BASE.find(path)),
                file -> refused.contains(file.path()));
        assertThat(merge.conflicts()).containsAll(MERGE.conflicts()).hasSize(6);

        begin(Loops.MANAGER);
        int before = world.steps();
        assertThat(run(disks.get(0))).isTrue();
        requireMerged(disks.get(0));
        int all = world.steps() - before;

        for (int step = 1; step <= all; step++) {
            begin(Loops.MANAGER);
            world.endAt(world.steps() + step);
            assertThat(run(disks.get(0))).as("step " + step).isFalse();
            assertThat(run(disks.get(0))).as("after step " + step).isTrue();
            requireMerged(disks.get(0));
        }
    }

    /** The worker knows what was decided, and its replica has come to the reference, or not yet. */
    private Disk heir(Disk manager, Disk worker) throws IOException {
        Files.copy(manager.log(), worker.log(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        try (var log = worker.openLog()) {
            var reference = log.state().reference().orElseThrow();
            manager.manifest(reference.root()).ifPresent(worker::keep);
            if (reference.root().equals(merge.merged().root())) {
                fill(worker.replica, merge.merged());
                worker.apply(new State.Applied(reference.id(), reference.root()));
            }
        }
        return worker;
    }
}
