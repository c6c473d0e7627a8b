package io.lockstep.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.store.KeptEntry.Why;
import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentSearchIT {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path base;

    private Path replica;
    private ContentStage stage;
    private Trash trash;
    private ConflictStore conflicts;
    private final List<Corruption> corruptions = new ArrayList<>();

    @BeforeEach
    void makePlaces() throws IOException {
        replica = Files.createDirectories(base.resolve("replica"));
        stage = new ContentStage(base.resolve("stage"));
        trash = new Trash(base.resolve("trash"));
        conflicts = new ConflictStore(base.resolve("conflicts"));
    }

    private ContentSearch search() {
        return new ContentSearch(stage, trash, conflicts, replica, corruptions::add);
    }

    private static Digest digest(String content) {
        return Digest.of(content.getBytes(StandardCharsets.UTF_8));
    }

    /** Keeps content as an apply does; returns where. */
    private Path keep(KeptEntries entries, String content, long seq) throws Exception {
        var from = Files.createDirectories(base.resolve("from"));
        TreeOnDisk.write(from, "x", content);
        var path = EntryPath.of("server/x");
        try (var directory = OpenDirectory.open(DurableCalls.DIRECT, from)) {
            var name = path.name();
            entries.keep(
                    directory,
                    name,
                    directory.look(name).orElseThrow(),
                    new KeptEntries.Origin(
                            new GenerationId(1, seq), path, directory.digestOf(name), NOW, Why.REPLACED));
        }
        return entries.find(digest(content)).stream()
                .filter(entry -> entry.generation().seq() == seq)
                .findFirst()
                .orElseThrow()
                .content();
    }

    private static void flip(Path file) throws IOException {
        var time = Files.getLastModifiedTime(file);
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, time);
    }

    @Test
    void contentIsFoundWhereverItLies() throws Exception {
        keep(trash.entries(), "in the trash", 1);
        keep(conflicts.entries(), "in the conflict store", 1);
        TreeOnDisk.write(replica, "moved", "in the replica");

        assertThat(search().stage(digest("in the trash"), List.of())).isTrue();
        assertThat(search().stage(digest("in the conflict store"), List.of())).isTrue();
        assertThat(search().stage(digest("in the replica"), List.of(EntryPath.of("moved"))))
                .isTrue();
        assertThat(search().stage(digest("nowhere"), List.of(EntryPath.of("moved"), EntryPath.of("gone/too"))))
                .isFalse();
        assertThat(stage.has(digest("in the trash"))).isTrue();
        assertThat(corruptions).isEmpty();
    }

    @Test
    void aDamagedCopyIsNamedAndTheNextOneTaken() throws Exception {
        keep(trash.entries(), "content", 1);
        var damaged = keep(trash.entries(), "content", 2);
        flip(damaged);

        assertThat(search().stage(digest("content"), List.of())).isTrue();

        assertThat(corruptions).extracting(it -> it.entry().content()).containsExactly(damaged);
        assertThat(corruptions.get(0).place()).isEqualTo("trash");
    }

    @Test
    void whatTheScrubFindsIsMendedFromTheStage() throws Exception {
        keep(trash.entries(), "whole", 1);
        var damaged = keep(conflicts.entries(), "content", 2);
        flip(damaged);
        long[] read = {0};

        assertThat(search().scrub(bytes -> read[0] += bytes, () -> true)).isEqualTo(2);
        assertThat(read[0]).isEqualTo("whole".length() + "content".length());
        assertThat(corruptions).extracting(it -> it.entry().content()).containsExactly(damaged);

        var found = corruptions.get(0);
        assertThat(search().mend(found)).isInstanceOf(ContentSearch.Mending.NoContent.class);
        var good = Files.writeString(base.resolve("good"), "content");
        stage.adopt(good, digest("content"));
        assertThat(search().mend(found)).isInstanceOf(ContentSearch.Mending.Mended.class);
        assertThat(damaged).hasContent("content");
        corruptions.clear();
        search().scrub(bytes -> {}, () -> true);
        assertThat(corruptions).isEmpty();
    }

    @Test
    void aScrubThatIsToldToEndLooksAtNothingMore() throws Exception {
        keep(trash.entries(), "one", 1);
        keep(trash.entries(), "two", 2);

        assertThat(search().scrub(bytes -> {}, () -> false)).isZero();
    }

    @Test
    void whatIsServedStaysThoughTheTrashIsPurgedMeanwhile() throws Exception {
        keep(trash.entries(), "content", 1);
        keep(trash.entries(), "newer", 2);
        var place = Files.createDirectories(base.resolve("serve"));
        var path = EntryPath.of("api/deep/a.xml");

        assertThat(search().expose(digest("content"), List.of(), place, path)).isPresent();
        trash.purge(NOW, new Trash.Bounds(java.time.Duration.ZERO, 0, 0));

        assertThat(trash.entries().find(digest("content"))).isEmpty();
        assertThat(place.resolve("api/deep/a.xml")).hasContent("content");
    }

    @Test
    void aFileOfTheReplicaIsServedAsACopyThatNoGatewayWritesThrough() throws Exception {
        TreeOnDisk.write(replica, "moved", "content");
        var place = Files.createDirectories(base.resolve("serve"));

        search().expose(digest("content"), List.of(EntryPath.of("moved")), place, EntryPath.of("a"));
        TreeOnDisk.write(replica, "moved", "written by a Gateway");

        assertThat(place.resolve("a")).hasContent("content");
        assertThat(search().expose(digest("content"), List.of(EntryPath.of("moved")), place, EntryPath.of("b")))
                .isEqualTo(Optional.empty());
        assertThat(place.resolve("b")).doesNotExist();
    }

    @Test
    void whatWasKeptAndIsWholeIsAlwaysFoundAndNothingElse() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            makePlacesAnew(seed);
            var copies = new HashMap<String, List<Path>>();
            for (int i = 0; i < 30; i++) {
                var content = "content " + random.nextInt(8);
                var store = random.nextBoolean() ? trash.entries() : conflicts.entries();
                copies.computeIfAbsent(content, key -> new ArrayList<>())
                        .add(keep(store, content, 1 + random.nextInt(4)));
            }
            var damaged = new HashSet<Path>();
            for (var places : copies.values()) {
                for (var place : new HashSet<>(places)) {
                    if (random.nextInt(3) == 0) {
                        flip(place);
                        damaged.add(place);
                    }
                }
            }
            for (int i = 0; i < 8; i++) {
                var content = "content " + i;
                boolean isWhole =
                        copies.getOrDefault(content, List.of()).stream().anyMatch(place -> !damaged.contains(place));
                var restarted = random.nextBoolean() ? reopened() : search();
                // A store may list several files of one content and generation; only one of them is in `copies`.
                if (isWhole) {
                    assertThat(restarted.stage(digest(content), List.of()))
                            .as("seed %d %s", seed, content)
                            .isTrue();
                    assertThat(stage.stream(digest(content))).hasContent(content);
                }
            }
            assertThat(corruptions)
                    .as("seed %d", seed)
                    .allMatch(it -> damaged.contains(it.entry().content()));
            corruptions.clear();
        }
    }

    private void makePlacesAnew(int seed) {
        stage = new ContentStage(base.resolve("stage" + seed));
        trash = new Trash(base.resolve("trash" + seed));
        conflicts = new ConflictStore(base.resolve("conflicts" + seed));
    }

    /** As after a restart, when nothing is known but what lies on the disk. */
    private ContentSearch reopened() {
        return new ContentSearch(
                stage,
                new Trash(base.resolve(trash.entries().directory())),
                new ConflictStore(base.resolve(conflicts.entries().directory())),
                replica,
                corruptions::add);
    }
}
