package io.lockstep.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.store.KeptEntry.Why;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.generation.GenerationId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptEntriesIT {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123456789Z");

    @TempDir
    Path base;

    private Trash trash() {
        return new Trash(base.resolve("trash"));
    }

    private void keep(Trash trash, Path from, String escapedName, GenerationId generation) throws DiskException {
        var path = TreeOnDisk.path("dir/" + escapedName);
        try (var directory = OpenDirectory.open(DurableCalls.DIRECT, from)) {
            var name = path.name();
            trash.entries()
                    .keep(
                            directory,
                            name,
                            directory.look(name).orElseThrow(),
                            new KeptEntries.Origin(generation, path, directory.digestOf(name), NOW, Why.REPLACED));
        }
    }

    @Test
    void whatIsKeptIsListedAsItWas() throws Exception {
        var name = "a \\x0a\\xff \\\\ü.xml";
        TreeOnDisk.write(base, name, "content", 0604, -5);

        keep(trash(), base, name, new GenerationId(3, 12));

        assertThat(trash().list(10))
                .isInstanceOfSatisfying(
                        KeptListing.Listed.class,
                        listed -> assertThat(listed.entries())
                                .containsExactly(new KeptEntry(
                                        new GenerationId(3, 12),
                                        0,
                                        TreeOnDisk.path("dir/" + name),
                                        EntryType.FILE,
                                        TreeOnDisk.file("x", "content").digest(),
                                        7,
                                        0604,
                                        -5,
                                        NOW,
                                        Why.REPLACED,
                                        base.resolve("trash/3.12/0.kept"))));
        var onDisk = TreeOnDisk.look(base.resolve("trash/3.12")).manifest().find(EntryPath.of("server/0.kept"));
        assertThat(onDisk).isEqualTo(Optional.of(TreeOnDisk.file("0.kept", "content", 0604, -5)));
    }

    @Test
    void numbersGoOnAfterARestartAndNewGenerationsAreListedFirst() throws Exception {
        for (var name : new String[] {"a", "b", "c"}) {
            TreeOnDisk.write(base, name, name);
        }
        keep(trash(), base, "a", new GenerationId(1, 9));
        keep(trash(), base, "b", new GenerationId(1, 9));
        keep(trash(), base, "c", new GenerationId(1, 10));

        assertThat(((KeptListing.Listed) trash().list(2)).entries())
                .extracting(entry -> entry.path() + " " + entry.number())
                .containsExactly("server/dir/c 0", "server/dir/a 0");
        assertThat(trash().count()).isEqualTo(new KeptCount.Counted(3));
    }

    @Test
    void contentWithADamagedDescriptionIsNotForgotten() throws Exception {
        TreeOnDisk.write(base, "a", "a");
        keep(trash(), base, "a", new GenerationId(1, 1));
        Files.writeString(base.resolve("trash/1.1/0.json"), "{\"path\":");

        var listed = (KeptListing.Listed) trash().list(10);

        assertThat(listed.entries()).isEmpty();
        assertThat(listed.undescribed())
                .containsExactly(base.resolve("trash/1.1/0.kept").toString());
        assertThat(trash().count()).isEqualTo(new KeptCount.Counted(1));
    }

    @Test
    void purgeKeepsWhatIsYoungAndTheNewestGenerations() throws Exception {
        for (int seq = 1; seq <= 5; seq++) {
            TreeOnDisk.write(base, "a", "a" + seq);
            keep(trash(), base, "a", new GenerationId(1, seq));
            long ageDays = seq == 2 ? 6 : 8;
            Files.setLastModifiedTime(
                    base.resolve("trash/1." + seq), FileTime.from(NOW.minus(Duration.ofDays(ageDays))));
        }

        assertThat(trash().purge(NOW, new Trash.Bounds(Duration.ofDays(7), 2, Long.MAX_VALUE)))
                .isEqualTo(new Trash.Purge.Purged(2, 2));

        try (var left = Files.list(base.resolve("trash"))) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder("1.2", "1.4", "1.5");
        }
    }

    @Test
    void nothingWasKeptYet() {
        assertThat(trash().count()).isEqualTo(new KeptCount.Counted(0));
        assertThat(trash().purge(NOW, new Trash.Bounds(Duration.ZERO, 0, 0))).isEqualTo(new Trash.Purge.Purged(0, 0));
    }

    @Test
    void fromAnotherFileSystemTheContentIsCopiedAndThenRemovedThere() throws Exception {
        var memory = otherFileSystem();
        try {
            TreeOnDisk.write(memory, "a", "content", 0604, 1_600_000_000_123_456_789L);

            keep(trash(), memory, "a", new GenerationId(1, 1));

            assertThat(memory.resolve("a")).doesNotExist();
            var onDisk = TreeOnDisk.look(base.resolve("trash/1.1")).manifest().find(EntryPath.of("server/0.kept"));
            assertThat(onDisk)
                    .isEqualTo(Optional.of(TreeOnDisk.file("0.kept", "content", 0604, 1_600_000_000_123_456_789L)));
        } finally {
            PathUtils.deleteDirectory(memory);
        }
    }

    @Test
    void theOldestGenerationsGoFirstWhenThereIsTooMuchAndTheNewestStays() throws Exception {
        for (int seq = 1; seq <= 5; seq++) {
            // The third is the largest: what is older goes with it, though it would fit by itself.
            TreeOnDisk.write(base, "a", "a".repeat(seq == 3 ? 100 : 10));
            keep(trash(), base, "a", new GenerationId(1, seq));
        }
        assertThat(trash().bytes()).hasValue(140);

        assertThat(trash().purge(NOW, new Trash.Bounds(Duration.ofDays(7), 20, 60)))
                .isEqualTo(new Trash.Purge.Purged(3, 3));
        assertThat(trash().purge(NOW, new Trash.Bounds(Duration.ofDays(7), 20, 1)))
                .isEqualTo(new Trash.Purge.Purged(1, 1));

        try (var left = Files.list(base.resolve("trash"))) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactly("1.5");
        }
    }

    private Path otherFileSystem() throws IOException {
        var sharedMemory = Path.of("/dev/shm");
        Assumptions.assumeTrue(
                Files.isWritable(sharedMemory)
                        && !Files.getAttribute(sharedMemory, "unix:dev").equals(Files.getAttribute(base, "unix:dev")),
                "needs /dev/shm on another file system than the temporary directory");
        return Files.createTempDirectory(sharedMemory, "lockstep");
    }
}
