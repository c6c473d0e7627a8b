package io.lockstep.agent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.loop.MergeWorld.Disk;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.LogEntry;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ends the manager's process before each durable step by which a change of the share becomes a generation. */
class PublishStepsTest {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final int MOST_TURNS = 60;
    private static final Manifest BEFORE = manifest(Map.of("kept", "0", "changed", "0", "deleted", "0", "d/x", "0"));
    private static final Manifest AFTER = manifest(Map.of("kept", "0", "changed", "1", "new", "1", "d/y", "1"));

    @TempDir
    private Path directory;

    private final MergeWorld world = new MergeWorld();
    private Instant now = START;

    private static Manifest manifest(Map<String, String> files) {
        var entries = new TreeMap<EntryPath, ManifestEntry>();
        entries.put(EntryPath.of("server"), ManifestEntry.directory(EntryPath.of("server"), 0));
        entries.put(EntryPath.of("server/d"), ManifestEntry.directory(EntryPath.of("server/d"), 0755));
        files.forEach((name, text) -> {
            var path = EntryPath.of("server/" + name);
            var content = (name + text).getBytes(StandardCharsets.UTF_8);
            entries.put(path, ManifestEntry.file(path, 0644, content.length, 7, Digest.of(content)));
        });
        return new Manifest(List.copyOf(entries.values()));
    }

    /** The manager of a cluster in mode SHARED, whose share somebody has just changed. */
    private Disk begin(String log) throws IOException {
        var disk = world.new Disk(Loops.MANAGER, Files.createTempFile(directory, log, ".log"));
        Files.delete(disk.log());
        try (var decisions = disk.openLog()) {
            var ledger = new Ledger(decisions, disk);
            ledger.enter(Mode.SHARED, Reason.SHARE_EQUAL, Loops.MANAGER, START);
            ledger.register("server", "4711", START);
            ledger.commit(BEFORE, START);
            ledger.markApplied();
        }
        fill(disk.replica, BEFORE);
        fill(world.share, AFTER);
        return disk;
    }

    private static void fill(Map<EntryPath, ManifestEntry> tree, Manifest manifest) {
        tree.clear();
        manifest.entries().forEach(entry -> tree.put(entry.path(), entry));
    }

    /** Runs the node until its replica is what the share shows; false when the process ended before. */
    private boolean run(Disk disk) throws IOException {
        var settings = Loops.settings(Loops.MANAGER, Loops.MANAGER, true, ShareKind.MOUNT, new DeletionGuard(100, 1));
        try (var process = new MergeWorld.Running(disk, settings, now)) {
            for (int turn = 0; turn < MOST_TURNS; turn++) {
                now = now.plusSeconds(1);
                process.turn(now);
                assertThat(MergeWorld.manifestOf(world.share)).isEqualTo(AFTER);
                assertThat(process.ledger().decided().mode()).isEqualTo(Mode.SHARED);
                if (process.ledger().hasAppliedReference()
                        && process.ledger().reference().equals(Optional.of(AFTER))) {
                    return true;
                }
            }
            throw new AssertionError("not published: " + process.ledger().decided());
        } catch (MergeWorld.Ended e) {
            return false;
        } catch (CompletionException e) {
            if (e.getCause() instanceof MergeWorld.Ended) {
                return false;
            }
            throw e;
        }
    }

    @Test
    void endedBeforeAnyStepItIsPublishedOnceAndNothingElseHappens() throws Exception {
        var whole = begin("whole");
        int before = world.steps();
        assertThat(run(whole)).isTrue();
        int all = world.steps() - before;
        assertThat(all).isGreaterThan(8);

        for (int step = 1; step <= all; step++) {
            var disk = begin("step" + step);
            world.endAt(world.steps() + step);
            assertThat(run(disk)).as("step " + step).isFalse();
            assertThat(run(disk)).as("after step " + step).isTrue();

            assertThat(MergeWorld.manifestOf(disk.replica)).isEqualTo(AFTER);
            assertThat(disk.preserved).as("nothing of it is foreign").isEmpty();
            try (var log = disk.openLog()) {
                assertThat(log.entriesAfter(0, Integer.MAX_VALUE).stream()
                                .filter(LogEntry.Commit.class::isInstance)
                                .map(entry ->
                                        ((LogEntry.Commit) entry).generation().root()))
                        .containsExactly(BEFORE.root(), AFTER.root());
            }
        }
    }
}
