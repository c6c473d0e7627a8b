package io.lockstep.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.View.BlindSpot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ResolutionTest {
    private static final long SECOND = 1_000_000_000L;
    private static final EntryPath PATH = EntryPath.of("server/a");

    private static ManifestEntry file(int mode, long mtimeNanos, String content) {
        var bytes = content.getBytes(StandardCharsets.UTF_8);
        return ManifestEntry.file(PATH, mode, bytes.length, mtimeNanos, Digest.of(bytes));
    }

    private static View view(ManifestEntry... entries) {
        var all = new ArrayList<ManifestEntry>(List.of(ManifestEntry.directory(EntryPath.of("server"), 0)));
        all.addAll(List.of(entries));
        return View.of(Manifest.ofUnsorted(all));
    }

    @Test
    void anEntryThatLostItsNanosecondsOnTheWayIsTheReferences() {
        var reference = view(file(0640, 7 * SECOND + 123_456_789, "x")).manifest();
        var seen = view(file(0640, 7 * SECOND, "x"));

        assertThat(Resolution.SECONDS.align(seen, reference).manifest()).isEqualTo(reference);
        assertThat(Resolution.EXACT.align(seen, reference)).isEqualTo(seen);
    }

    @Test
    void timesBeforeTheEpochAreCutDownwardsAsAServerDoes() {
        var reference = view(file(0644, -1, "x")).manifest();

        assertThat(Resolution.SECONDS
                        .align(view(file(0644, -SECOND, "x")), reference)
                        .manifest())
                .isEqualTo(reference);
        assertThat(Resolution.SECONDS.align(view(file(0644, 0, "x")), reference).manifest())
                .isNotEqualTo(reference);
    }

    @Test
    void anotherSecondContentSizeOrModeIsAChange() {
        var reference = view(file(0644, 7 * SECOND + 5, "x")).manifest();
        for (var changed : List.of(
                file(0644, 8 * SECOND, "x"),
                file(0644, 7 * SECOND, "y"),
                file(0644, 7 * SECOND, "xx"),
                file(0600, 7 * SECOND, "x"))) {
            var seen = view(changed);
            assertThat(Resolution.SECONDS.align(seen, reference))
                    .as("%s", changed)
                    .isEqualTo(seen);
        }
    }

    @Test
    void aPlaceWithoutModesTakesTheReferences() {
        var reference = view(file(0600, 7 * SECOND + 5, "x")).manifest();

        assertThat(Resolution.SECONDS_WITHOUT_MODE
                        .align(view(file(0644, 7 * SECOND, "x")), reference)
                        .manifest())
                .isEqualTo(reference);
    }

    @Test
    void aDirectoryWhereTheReferenceHasAFileIsAChange() {
        var reference = view(file(0644, 0, "")).manifest();
        var seen = view(ManifestEntry.directory(PATH, 0644));

        assertThat(Resolution.SECONDS_WITHOUT_MODE.align(seen, reference)).isEqualTo(seen);
    }

    @Test
    void blindSpotsStay() {
        var spots = new TreeMap<EntryPath, BlindSpot>();
        spots.put(EntryPath.of("server/b"), BlindSpot.UNREADABLE);
        var reference = view(file(0644, 7 * SECOND + 5, "x")).manifest();
        var seen = new View(view(file(0644, 7 * SECOND, "x")).manifest(), spots);

        var aligned = Resolution.SECONDS.align(seen, reference);

        assertThat(aligned.manifest()).isEqualTo(reference);
        assertThat(aligned.blindSpots()).isEqualTo(spots);
    }

    @Test
    void anAbsenceIsOnlyTheSameAsAnAbsence() {
        var entry = Optional.of(file(0644, 0, "x"));

        assertThat(Resolution.SECONDS.isSame(Optional.empty(), Optional.empty()))
                .isTrue();
        assertThat(Resolution.SECONDS.isSame(entry, Optional.empty())).isFalse();
        assertThat(Resolution.SECONDS.isSame(Optional.empty(), entry)).isFalse();
    }

    @Test
    void aShareThatWasWrittenFromATreeIsThatTreeWhateverElseItHolds() {
        for (int seed = 0; seed < 200; seed++) {
            var trees = new RandomTrees(seed);
            var reference = withNanos(trees.manifest(20), trees);
            var cut = reference.entries().stream().map(ResolutionTest::cut).toList();

            assertThat(Resolution.SECONDS
                            .align(View.of(new Manifest(cut)), reference)
                            .manifest())
                    .as("seed %d", seed)
                    .isEqualTo(reference);

            var edited = trees.edited(new Manifest(cut), 3);
            var aligned = Resolution.SECONDS.align(View.of(edited), reference).manifest();
            // Every path differs from the reference exactly where what was seen differs in more than the cut.
            for (var difference :
                    ManifestDiff.between(new Manifest(cut), edited).differences()) {
                assertThat(aligned.find(difference.path()))
                        .as("seed %d: %s", seed, difference.path())
                        .isEqualTo(edited.find(difference.path()));
            }
            assertThat(ManifestDiff.between(reference, aligned).differences())
                    .as("seed %d", seed)
                    .hasSameSizeAs(
                            ManifestDiff.between(new Manifest(cut), edited).differences());
        }
    }

    private static Manifest withNanos(Manifest manifest, RandomTrees trees) {
        return new Manifest(manifest.entries().stream()
                .map(entry -> entry.isFile()
                        ? ManifestEntry.file(
                                entry.path(),
                                entry.mode(),
                                entry.sizeBytes(),
                                Math.floorDiv(entry.mtimeNanos(), SECOND) * SECOND + trees.below(1000),
                                entry.digest().orElseThrow())
                        : entry)
                .toList());
    }

    private static ManifestEntry cut(ManifestEntry entry) {
        return entry.isFile()
                ? ManifestEntry.file(
                        entry.path(),
                        entry.mode(),
                        entry.sizeBytes(),
                        Resolution.SECONDS.cut(entry.mtimeNanos()),
                        entry.digest().orElseThrow())
                : entry;
    }
}
