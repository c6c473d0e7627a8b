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
import io.lockstep.reconcile.ThreeWayMerge;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
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

    private static void fill(TreeMap<EntryPath, ManifestEntry> tree, Manifest manifest) {
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

    private static LoopSettings managedBy(NodeName node) {
        return Loops.settings(node, node, true, new DeletionGuard(100, 1));
    }

    /** Runs {@code disk}'s node as the manager until the share is back; false when the process ended before. */
    private boolean run(Disk disk) throws IOException {
        try (var process = new MergeWorld.Process(disk, managedBy(disk.name), now)) {
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
                        .filter(MERGE.conflicts()::contains)
                        .toList());
        assertThat(running.preserved)
                .as("nothing of the manager's own is foreign")
                .isEmpty();
    }

    private void requireMerged(Disk last) throws IOException {
        assertThat(MergeWorld.manifestOf(world.share)).isEqualTo(MERGE.merged());
        assertThat(MergeWorld.manifestOf(last.replica)).isEqualTo(MERGE.merged());
        var kept = new ArrayList<ManifestEntry>();
        disks.forEach(disk -> kept.addAll(disk.kept));
        assertThat(kept).containsAll(MERGE.conflicts());
        for (var disk : disks) {
            assertThat(disk.kept).as("each once").doesNotHaveDuplicates();
        }
        try (var log = last.openLog()) {
            var committed = log.entriesAfter(0, Integer.MAX_VALUE).stream()
                    .filter(LogEntry.Commit.class::isInstance)
                    .map(entry -> ((LogEntry.Commit) entry).generation().root())
                    .toList();
            assertThat(committed)
                    .containsExactly(BASE.root(), LIVE.root(), MERGE.merged().root());
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
            var stillOnShare = MERGE.conflicts().stream()
                    .filter(world.share::containsValue)
                    .toList();
            assertThat(run(heir)).as("after step " + step).isTrue();
            requireMerged(heir);
            assertThat(heir.kept).as("after step " + step).containsAll(stillOnShare);
        }
    }

    /** The worker knows what was decided, and its replica has come to the reference, or not yet. */
    private static Disk heir(Disk manager, Disk worker) throws IOException {
        Files.copy(manager.log(), worker.log(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        try (var log = worker.openLog()) {
            var reference = log.state().reference().orElseThrow();
            manager.manifest(reference.root()).ifPresent(worker::keep);
            if (reference.root().equals(MERGE.merged().root())) {
                fill(worker.replica, MERGE.merged());
                worker.apply(new State.Applied(reference.id(), reference.root()));
            }
        }
        return worker;
    }
}
