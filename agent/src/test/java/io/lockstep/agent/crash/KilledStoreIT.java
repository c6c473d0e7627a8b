package io.lockstep.agent.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.log.FileDecisionLog;
import io.lockstep.agent.store.StateFiles;
import io.lockstep.generation.Generation;
import io.lockstep.generation.ManifestEntry;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a real process again and again while it changes a tree that somebody else writes to as well, and checks the
 * promises after each: nothing written is lost, nothing is torn, the mark and the log only grow.
 */
class KilledStoreIT {
    private static final int KILLS =
            Integer.getInteger("lockstep.kills", Boolean.getBoolean("lockstep.all") ? 1000 : 200);
    private static final int KEPT_GENERATIONS = 10;
    private static final int LONGEST_MILLIS = 60;
    private static final int MOST_STEPS = 5;

    @TempDir
    private Path directory;

    private final List<String> foreign = new ArrayList<>();
    private long applied;
    private long committed;

    @Test
    void killedAtAnyMomentNothingIsLostAndNothingIsTorn() throws Exception {
        long seed = Long.getLong("lockstep.seed", new Random().nextLong() >>> 32);
        var place = new CrashPlace(directory, seed);
        var random = new Random(seed);
        Files.createDirectories(place.tree());
        Files.createDirectories(place.work());
        for (int kill = 0; kill < KILLS; kill++) {
            runAndKill(place, random);
            require("seed " + seed + ", kill " + kill, place);
        }
        // So that this is no test of a process that never got anywhere.
        assertThat(committed).as("generations of seed " + seed).isGreaterThan(KILLS / 4L);
    }

    /** Starts the subject, lets it go for a random while beside a writer, and kills it. */
    private void runAndKill(CrashPlace place, Random random) throws Exception {
        var errors = directory.resolve("errors.log");
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashSubject.class.getName(),
                        place.directory().toString(),
                        Long.toString(place.seed()))
                .redirectError(errors.toFile())
                .start();
        try (BufferedReader lines = process.inputReader()) {
            assertThat(lines.readLine()).as(() -> read(errors)).isEqualTo("recovered");
            if (random.nextInt(3) == 0) {
                writeForeign(place, random);
            }
            // Some steps, so that it gets on however slow the machine is, and then a moment within the next.
            for (int step = random.nextInt(MOST_STEPS); step > 0; step--) {
                assertThat(lines.readLine()).as(() -> read(errors)).isNotNull();
            }
            assertThat(process.waitFor(random.nextInt(LONGEST_MILLIS), TimeUnit.MILLISECONDS))
                    .as(() -> "the process ended by itself: " + read(errors))
                    .isFalse();
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    /** As a Gateway that deploys an API: written beside and renamed over whatever has the name. */
    private void writeForeign(CrashPlace place, Random random) throws IOException {
        var paths = CrashPlace.paths();
        var path = paths.get(random.nextInt(paths.size())).withoutFirst().orElseThrow();
        var target = place.tree().resolve(path.toString());
        if (!Files.isDirectory(target.getParent())) {
            return;
        }
        var id = "foreign " + foreign.size();
        var beside = Files.write(directory.resolve("foreign.part"), SealedText.of(id));
        Files.setLastModifiedTime(beside, FileTime.fromMillis(1_700_000_000_000L + foreign.size()));
        var replaced = directory.resolve("replaced");
        try {
            // What the writer itself replaces is the writer's loss: kept aside, it counts as written over.
            if (Files.exists(target)) {
                Files.copy(target, replaced, StandardCopyOption.REPLACE_EXISTING);
                SealedText.idOf(Files.readAllBytes(replaced)).ifPresent(overwritten::add);
            }
            Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
            foreign.add(id);
        } catch (java.nio.file.NoSuchFileException gone) {
            // The subject deleted the directory meanwhile: nothing was written.
            Files.deleteIfExists(beside);
        }
    }

    private final Set<String> overwritten = new HashSet<>();

    private void require(String when, CrashPlace place) throws IOException {
        var found = new HashSet<String>();
        for (var part : List.of("tree", "work/trash", "work/conflicts", "work/tmp", "work/stage")) {
            collect(when, directory.resolve(part), part.equals("tree"), found);
        }
        assertThat(found).as(when + ": what somebody else wrote is kept").containsAll(missingAllowed(foreign));
        long log = committedSeq(place);
        long mark = appliedSeq(place);
        assertThat(log).as(when + ": the log only grows").isGreaterThanOrEqualTo(committed);
        assertThat(mark).as(when + ": the mark only grows").isBetween(applied, log);
        committed = log;
        applied = mark;
        for (long seq = Math.max(1, mark - KEPT_GENERATIONS); seq <= mark; seq++) {
            for (var entry : place.generation(seq).entries()) {
                if (entry.isFile()) {
                    requireKept(when, seq, entry, found);
                }
            }
        }
    }

    private List<String> missingAllowed(List<String> ids) {
        return ids.stream().filter(id -> !overwritten.contains(id)).toList();
    }

    private void requireKept(String when, long seq, ManifestEntry entry, Set<String> found) {
        var id = SealedText.idOf(CrashPlace.content(entry)).orElseThrow();
        assertThat(found.contains(id) || overwritten.contains(id))
                .as(when + ": the content of generation " + seq + " is kept: " + id)
                .isTrue();
    }

    private static void collect(String when, Path top, boolean isTree, Set<String> found) throws IOException {
        if (!Files.exists(top)) {
            return;
        }
        try (Stream<Path> all = Files.walk(top)) {
            for (var file : all.filter(Files::isRegularFile).toList()) {
                var id = SealedText.idOf(Files.readAllBytes(file));
                if (isTree) {
                    assertThat(id).as(when + ": " + file + " is whole").isPresent();
                }
                id.ifPresent(found::add);
            }
        }
    }

    private static long committedSeq(CrashPlace place) throws IOException {
        // A copy, because to open the log cuts off a torn last line.
        var copy = Files.copy(
                place.state().resolve("decisions.log"),
                place.directory().resolve("copy.log"),
                StandardCopyOption.REPLACE_EXISTING);
        try (var log = FileDecisionLog.open(copy)) {
            return log.state()
                    .reference()
                    .map(Generation::id)
                    .map(id -> id.seq())
                    .orElse(0L);
        }
    }

    private static long appliedSeq(CrashPlace place) throws IOException {
        var opening = StateFiles.open(place.state());
        if (opening instanceof StateFiles.Opening.Opened opened) {
            try (var state = opened.state()) {
                return state.applied() instanceof StateFiles.AppliedMark.Marked marked
                        ? marked.applied().generation().seq()
                        : 0;
            }
        }
        throw new IllegalStateException("the state can't be opened: " + opening);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
