package io.lockstep.agent.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.posix.CallWatch;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.digest.StampTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes a tree at random, and after each few changes holds a rescan against a plain walk by Java's own means. */
class PerturbedTreeIT {
    /** Longer than a tick of Linux's clock at its slowest (10 ms), so that some digests are reused and none wrongly. */
    private static final Duration WINDOW = Duration.ofMillis(30);

    private static final int STEPS = 150;

    @TempDir
    Path root;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void aRescanFindsWhatAPlainWalkFinds(long seed) throws IOException {
        var random = new Random(seed);
        var tree = new PerturbedTree(root, random);
        var scanner = new TreeScanner(TreeFilter.keepAll(), 1 + (int) (seed % 3), WINDOW, 10_000);
        var inventory = Inventory.empty();
        var merged = Inventory.empty();
        long reused = 0;
        for (int step = 0; step < STEPS; step++) {
            for (int i = random.nextInt(8); i > 0; i--) {
                tree.perturb();
            }
            long now = ChronoUnit.NANOS.between(Instant.EPOCH, Clock.systemUTC().instant());
            var outcome = scanner.scan(ScanRequest.of(root, now).after(inventory));
            assertThat(outcome).isInstanceOf(ScanOutcome.Scanned.class);
            inventory = ((ScanOutcome.Scanned) outcome).inventory();
            var expected = plainWalk();
            assertThat(described(inventory)).as("seed %d, step %d", seed, step).isEqualTo(expected);
            merged = walkedAndMerged(scanner, merged);
            assertThat(merged.findings()).as("seed %d, step %d", seed, step).isEqualTo(inventory.findings());
            reused += expected.values().stream()
                            .filter(text -> text.startsWith("FILE"))
                            .count()
                    - inventory.hashedFiles();
        }
        assertThat(reused).isPositive();
    }

    /** A walk by one who has only the stamps, merged by one who has the findings. */
    private Inventory walkedAndMerged(TreeScanner scanner, Inventory previous) {
        var fresh = Collections.synchronizedList(new ArrayList<Finding>());
        var severed = ConcurrentHashMap.<EntryPath>newKeySet();
        var sink = new FindingSink() {
            @Override
            public void found(Finding finding) {
                fresh.add(finding);
            }

            @Override
            public void severed(EntryPath directory) {
                severed.add(directory);
            }
        };
        long now = ChronoUnit.NANOS.between(Instant.EPOCH, Clock.systemUTC().instant());
        var outcome = scanner.walk(new WalkRequest(
                root,
                StampTable.of(previous.findings()),
                previous.scanStartNanos(),
                false,
                now,
                sink,
                ScanProgress.NONE,
                CallWatch.NONE));
        assertThat(outcome).isInstanceOf(WalkOutcome.Walked.class);
        var kept = ((WalkOutcome.Walked) outcome).kept();
        var findings = FindingsMerge.merge(previous.findings(), kept, fresh, severed);
        return new Inventory(findings, now, 0, 0);
    }

    private Map<String, String> plainWalk() throws IOException {
        var found = new TreeMap<String, String>();
        try (var walk = Files.walk(root)) {
            for (var path : walk.filter(path -> !path.equals(root)).toList()) {
                found.put(root.relativize(path).toString(), describe(path));
            }
        }
        return found;
    }

    private static String describe(Path path) throws IOException {
        if (Files.isSymbolicLink(path)) {
            return "SYMLINK";
        }
        return Files.isDirectory(path) ? "DIRECTORY" : "FILE " + Digest.of(Files.readAllBytes(path));
    }

    private static Map<String, String> described(Inventory inventory) {
        var found = new TreeMap<String, String>();
        for (var finding : inventory.findings()) {
            found.put(
                    finding.path().toString(),
                    finding instanceof Finding.RegularFile file
                            ? "FILE " + file.digest()
                            : finding.type().name());
        }
        return found;
    }
}
