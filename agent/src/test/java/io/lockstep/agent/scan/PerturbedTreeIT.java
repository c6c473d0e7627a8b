package io.lockstep.agent.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.TreeFilter;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.commons.io.FileUtils;
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
        var scanner = new TreeScanner(TreeFilter.keepAll(), 1 + (int) (seed % 3), WINDOW, 10_000);
        var inventory = Inventory.empty();
        long reused = 0;
        for (int step = 0; step < STEPS; step++) {
            for (int i = random.nextInt(8); i > 0; i--) {
                perturb(random);
            }
            long now = ChronoUnit.NANOS.between(Instant.EPOCH, Clock.systemUTC().instant());
            var outcome = scanner.scan(ScanRequest.of(root, now).after(inventory));
            assertThat(outcome).isInstanceOf(ScanOutcome.Scanned.class);
            inventory = ((ScanOutcome.Scanned) outcome).inventory();
            var expected = plainWalk();
            assertThat(described(inventory)).as("seed %d, step %d", seed, step).isEqualTo(expected);
            reused += expected.values().stream()
                            .filter(text -> text.startsWith("FILE"))
                            .count()
                    - inventory.hashedFiles();
        }
        assertThat(reused).isPositive();
    }

    private void perturb(Random random) throws IOException {
        var parent = randomDirectory(random);
        var target = parent.resolve("n" + random.nextInt(6));
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                if (!Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
                    Files.deleteIfExists(target);
                    Files.write(target, new byte[] {(byte) random.nextInt(3), (byte) random.nextInt(3)});
                }
            }
            case 2 -> {
                if (Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
                    // The same size and the same mtime: only ctime tells.
                    var time = Files.getLastModifiedTime(target);
                    Files.write(target, new byte[] {(byte) random.nextInt(3), (byte) random.nextInt(3)});
                    Files.setLastModifiedTime(target, time);
                }
            }
            case 3 -> {
                if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectory(target);
                }
            }
            case 4 -> {
                if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                    FileUtils.forceDelete(target.toFile());
                }
            }
            default -> {
                if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createSymbolicLink(target, root);
                }
            }
        }
    }

    private Path randomDirectory(Random random) throws IOException {
        var directories = new ArrayList<Path>();
        try (var walk = Files.walk(root, 4)) {
            walk.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .sorted(Comparator.naturalOrder())
                    .forEach(directories::add);
        }
        return directories.get(random.nextInt(directories.size()));
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
