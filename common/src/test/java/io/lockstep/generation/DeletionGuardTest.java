package io.lockstep.generation;

import static io.lockstep.generation.RandomTrees.directory;
import static io.lockstep.generation.RandomTrees.file;
import static io.lockstep.generation.RandomTrees.manifest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lockstep.artifact.EntryPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeletionGuardTest {
    private final DeletionGuard guard = DeletionGuard.standard();

    @ParameterizedTest
    @CsvSource({
        "55, 0, true", // nothing is deleted
        "55, 10, true", // ten always pass
        "55, 11, true", // exactly 20 %
        "55, 12, false",
        "54, 11, false", // more than ten, and more than 20 %
        "100, 20, true",
        "100, 21, false",
        "1000, 200, true",
        "1000, 201, false",
        "11, 10, true", // a small tree, all but one file
        "5, 4, true",
        "5, 5, false", // an emptied tree, however small
        "1, 1, false"
    })
    void passesTenFilesOrAFifthButNeverAnEmptyTree(int files, int deletions, boolean passes) {
        var excess = guard.check(server(0, files), server(deletions, files));

        assertThat(excess)
                .isEqualTo(
                        passes ? Optional.empty() : Optional.of(new DeletionGuard.Excess("server", deletions, files)));
    }

    @Test
    void aShareOfExactlyTheLimitPassesWhateverItsBinaryForm() {
        for (int percent = 1; percent <= 100; percent++) {
            var share = new DeletionGuard(0, percent / 100.0);
            // One file more than the hundred, so that even 100 % don't empty the tree.
            var before = server(0, 200);
            if (percent < 100) {
                assertThat(share.check(before, server(2 * percent, 200)))
                        .as("%d %%", percent)
                        .isEmpty();
                assertThat(share.check(before, server(2 * percent + 1, 200)))
                        .as("%d %%", percent)
                        .isPresent();
            }
        }
    }

    @Test
    void aTreeThatLosesItsRootIsEmptied() {
        assertThat(guard.check(server(0, 3), Manifest.empty())).contains(new DeletionGuard.Excess("server", 3, 3));
    }

    @Test
    void aTreeThatNeverHadAFileMayGo() {
        assertThat(guard.check(manifest(directory("server/api")), Manifest.empty()))
                .isEmpty();
    }

    @Test
    void changedAndNewFilesAreNoDeletions() {
        var changed = IntStream.range(0, 100).mapToObj(i -> file("server/" + i, "new" + i));

        assertThat(guard.check(server(0, 50), of(changed))).isEmpty();
    }

    @Test
    void aFileThatBecameADirectoryIsDeleted() {
        var directories =
                IntStream.range(0, 100).mapToObj(i -> i < 21 ? directory("server/" + i) : file("server/" + i, "c" + i));

        assertThat(guard.check(server(0, 100), of(directories))).contains(new DeletionGuard.Excess("server", 21, 100));
    }

    @Test
    void movedContentIsNotCounted() {
        var moved = IntStream.range(0, 100).mapToObj(i -> file("server/sub/" + i, "c" + i));

        assertThat(guard.check(server(0, 100), of(moved))).isEmpty();
    }

    @Test
    void oneCopyExcusesOneDeletionOnly() {
        // A tree of equal files, empty ones for instance: one new copy must not hide the loss of the others.
        var before = of(IntStream.range(0, 100).mapToObj(i -> file("server/" + i, "same")));
        var after = manifest(file("server/other", "else"), file("server/copy", "same"));

        assertThat(guard.check(before, after)).contains(new DeletionGuard.Excess("server", 99, 100));
    }

    @Test
    void contentThatMovesToAnotherTreeIsDeletedHere() {
        // A Gateway reads the trees as different things, and a copy never crosses from one to another.
        var before = of(Stream.concat(files("server", 0, 100), files("tenants", 0, 1)));
        var after = of(Stream.concat(
                files("server", 50, 100),
                Stream.concat(
                        files("tenants", 0, 1), IntStream.range(0, 50).mapToObj(i -> file("tenants/m" + i, "c" + i)))));

        assertThat(guard.check(before, after)).contains(new DeletionGuard.Excess("server", 50, 100));
    }

    @Test
    void aTreeWhoseWholeContentMovesAwayIsEmptied() {
        var after = of(Stream.concat(
                Stream.of(directory("server")), IntStream.range(0, 3).mapToObj(i -> file("tenants/" + i, "c" + i))));

        assertThat(guard.check(server(0, 3), after)).isPresent();
    }

    @Test
    void eachTreeIsHeldAgainstItsOwnSize() {
        var before = of(Stream.concat(files("server", 0, 1_000), files("tenants", 0, 20)));
        var after = of(Stream.concat(files("server", 0, 1_000), files("tenants", 11, 20)));
        var tooMuch = of(Stream.concat(files("server", 0, 1_000), files("tenants", 12, 20)));

        assertThat(guard.check(before, of(Stream.concat(files("server", 100, 1_000), files("tenants", 0, 20)))))
                .isEmpty();
        assertThat(guard.check(before, tooMuch)).contains(new DeletionGuard.Excess("tenants", 12, 20));
        assertThat(guard.check(before, after)).contains(new DeletionGuard.Excess("tenants", 11, 20));
    }

    @Test
    void noArtifactKindGoesToZeroHoweverFewFilesItHas() {
        var before = of(Stream.concat(files("server", 0, 100), Stream.of(api("a"), api("b"), endpoint("e"))));

        assertThat(guard.check(before, of(Stream.concat(files("server", 0, 100), Stream.of(api("a"), endpoint("e"))))))
                .isEmpty();
        assertThat(guard.check(before, of(Stream.concat(files("server", 0, 100), Stream.of(endpoint("e"))))))
                .contains(new DeletionGuard.Excess("server", 2, 103, Optional.of("api")));
        assertThat(guard.check(before, of(Stream.concat(files("server", 0, 100), Stream.of(api("a"), api("b"))))))
                .contains(new DeletionGuard.Excess("server", 1, 103, Optional.of("endpoints")));
    }

    @Test
    void aKindBelowTheConfiguredSizeMayGo() {
        var before = of(Stream.concat(files("server", 0, 100), Stream.of(api("a"), api("b"))));
        var without = server(0, 100);

        assertThat(new DeletionGuard(10, 0.2, 3).check(before, without)).isEmpty();
        assertThat(new DeletionGuard(10, 0.2, 2).check(before, without)).isPresent();
    }

    @Test
    void aKindWhoseFilesOnlyMovedIsNotDeleted() {
        var before = of(Stream.concat(files("server", 0, 100), Stream.of(api("a"), api("b"))));
        var renamed = of(Stream.concat(
                files("server", 0, 100), Stream.of(file("server/apis/a.xml", "a"), file("server/apis/b.xml", "b"))));

        assertThat(guard.check(before, renamed)).isEmpty();
    }

    @Test
    void theSameKindOfAnotherTreeIsNoSubstitute() {
        var elsewhere = file("tenants/1/synapse-configs/default/api/t.xml", "t");
        var before = of(Stream.concat(files("server", 0, 100), Stream.of(api("a"), elsewhere)));
        var after = of(Stream.concat(files("server", 0, 100), Stream.of(elsewhere)));

        assertThat(guard.check(before, after)).contains(new DeletionGuard.Excess("server", 1, 101, Optional.of("api")));
    }

    @Test
    void whatIsMovedNeverExceedsWhatIsDeletedAlwaysCounts() {
        for (int seed = 0; seed < 300; seed++) {
            var random = new RandomTrees(seed);
            var before = random.manifest(60);
            var renamed = renamed(before, random);
            assertThat(new DeletionGuard(0, 0).check(before, renamed))
                    .as("seed %d", seed)
                    .isEmpty();

            var after = random.edited(before, 12);
            var changes = PlanChanges.between(before, after);
            // Each file that is gone is told once, as deleted or as moved, and a move has an arrival of its own.
            long gone = before.entries().stream()
                    .filter(ManifestEntry::isFile)
                    .filter(entry -> after.find(entry.path())
                            .filter(ManifestEntry::isFile)
                            .isEmpty())
                    .count();
            assertThat(changes.deleted().size() + changes.moved().size())
                    .as("seed %d", seed)
                    .isEqualTo((int) gone);
            assertThat(new DeletionGuard(0, 0).check(before, after).isPresent())
                    .as("seed %d", seed)
                    .isEqualTo(!changes.deleted().isEmpty() || isEmptied(before, after));
        }
    }

    private static boolean isEmptied(Manifest before, Manifest after) {
        return Stream.of("server", "tenants").anyMatch(tree -> hasFiles(before, tree) && !hasFiles(after, tree));
    }

    private static boolean hasFiles(Manifest manifest, String tree) {
        return manifest.entries().stream()
                .anyMatch(entry ->
                        entry.isFile() && entry.path().first().toString().equals(tree));
    }

    /** Every directory directly below a tree under another name. */
    private static Manifest renamed(Manifest manifest, RandomTrees random) {
        var suffix = "-" + random.below(1000);
        return Manifest.ofUnsorted(manifest.entries().stream()
                .map(entry -> {
                    var text = entry.path().toString();
                    int tree = text.indexOf('/');
                    if (tree < 0) {
                        return entry;
                    }
                    int end = text.indexOf('/', tree + 1);
                    var renamed = EntryPath.parse(
                            end < 0 ? text + suffix : text.substring(0, end) + suffix + text.substring(end));
                    return new ManifestEntry(
                            renamed, entry.type(), entry.mode(), entry.sizeBytes(), entry.mtimeNanos(), entry.digest());
                })
                .toList());
    }

    private static ManifestEntry api(String name) {
        return file("server/synapse-configs/default/api/" + name + ".xml", name);
    }

    private static ManifestEntry endpoint(String name) {
        return file("server/synapse-configs/default/endpoints/" + name + ".xml", name);
    }

    @Test
    void refusesLimitsOutOfRange() {
        assertThatIllegalArgumentException().isThrownBy(() -> new DeletionGuard(0, 0.2, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new DeletionGuard(-1, 0.2));
        assertThatIllegalArgumentException().isThrownBy(() -> new DeletionGuard(0, -0.1));
        assertThatIllegalArgumentException().isThrownBy(() -> new DeletionGuard(0, 1.1));
        assertThatIllegalArgumentException().isThrownBy(() -> new DeletionGuard(0, Double.NaN));
    }

    private static Manifest server(int from, int to) {
        return of(files("server", from, to));
    }

    private static Stream<ManifestEntry> files(String tree, int from, int to) {
        return Stream.concat(
                Stream.of(directory(tree)), IntStream.range(from, to).mapToObj(i -> file(tree + "/" + i, "c" + i)));
    }

    private static Manifest of(Stream<ManifestEntry> entries) {
        List<ManifestEntry> all = new ArrayList<>(entries.toList());
        return manifest(all.toArray(ManifestEntry[]::new));
    }
}
