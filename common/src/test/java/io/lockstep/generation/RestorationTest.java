package io.lockstep.generation;

import static io.lockstep.generation.RandomTrees.directory;
import static io.lockstep.generation.RandomTrees.file;
import static io.lockstep.generation.RandomTrees.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestorationTest {
    private static final Manifest EARLIER =
            manifest(file("server/api/a.xml", "a"), file("server/api/b.xml", "b"), file("server/seq/s.xml", "s"));
    private static final Manifest NOW = manifest(file("server/api/a.xml", "a2"), file("server/new.xml", "n"));

    @Test
    void aWholeGenerationComesBackExactly() {
        var restoration = Restoration.of(NOW, EARLIER);

        assertThat(restoration.manifest()).isEqualTo(EARLIER);
        assertThat(restoration.changes().count(ManifestDiff.Kind.MISSING)).isEqualTo(1);
    }

    @Test
    void oneFileComesBackAndEverythingElseStays() {
        var restoration = restored(NOW, "server/api/a.xml");

        assertThat(restoration.manifest())
                .isEqualTo(manifest(file("server/api/a.xml", "a"), file("server/new.xml", "n")));
        assertThat(restoration.changes().differences()).hasSize(1);
    }

    @Test
    void aDirectoryComesBackAsItWasAndWhatIsNewInItGoes() {
        var now = manifest(file("server/api/c.xml", "c"), file("server/new.xml", "n"));

        assertThat(restored(now, "server/api").manifest())
                .isEqualTo(manifest(
                        file("server/api/a.xml", "a"), file("server/api/b.xml", "b"), file("server/new.xml", "n")));
    }

    @Test
    void theDirectoriesAboveComeBackToo() {
        assertThat(restored(manifest(directory("server")), "server/seq/s.xml").manifest())
                .isEqualTo(manifest(file("server/seq/s.xml", "s")));
    }

    @Test
    void aFileGivesWayToTheDirectoryThatTheRestoredPathNeeds() {
        assertThat(restored(manifest(file("server/seq", "a file now")), "server/seq/s.xml")
                        .manifest())
                .isEqualTo(manifest(file("server/seq/s.xml", "s")));
    }

    @Test
    void whatWasNotThereCannotBeRestored() {
        assertThat(Restoration.of(NOW, EARLIER, EntryPath.of("server/new.xml"))).isEmpty();
    }

    private static Restoration restored(Manifest now, String path) {
        return Restoration.of(now, EARLIER, EntryPath.of(path)).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void everyPathOfARandomGenerationCanBeRestoredAndNothingBesideItChanges(int seed) {
        var trees = new RandomTrees(seed);
        for (int round = 0; round < 100; round++) {
            var earlier = trees.manifest(1 + trees.below(12));
            var now = trees.edited(earlier, trees.below(8));
            if (earlier.entries().stream()
                    .allMatch(entry -> entry.path().parent().isEmpty())) {
                continue;
            }
            var path = trees.pathOf(earlier);

            var manifest = Restoration.of(now, earlier, path).orElseThrow().manifest();

            for (var entry : earlier.entries()) {
                if (entry.path().equals(path) || entry.path().isBelow(path)) {
                    assertThat(manifest.find(entry.path())).contains(entry);
                }
            }
            for (var entry : manifest.entries()) {
                boolean isOfThePath = entry.path().equals(path) || entry.path().isBelow(path);
                boolean isAbove = path.isBelow(entry.path());
                assertThat(isOfThePath || isAbove || now.find(entry.path()).equals(Optional.of(entry)))
                        .as("%s is as it is now", entry)
                        .isTrue();
            }
        }
    }

    @Test
    void aPlanWithoutItsDeletionsDeletesNothingAndKeepsWhatIsNew() {
        var plan = manifest(file("server/api/a.xml", "a2"), file("server/new.xml", "n"));

        assertThat(Restoration.withoutDeletions(EARLIER, plan))
                .isEqualTo(manifest(
                        file("server/api/a.xml", "a2"),
                        file("server/api/b.xml", "b"),
                        file("server/new.xml", "n"),
                        file("server/seq/s.xml", "s")));
    }

    @Test
    void aNewFileInTheWayOfDeletedOnesGivesWay() {
        var plan = manifest(file("server/api", "a file where a directory was"));

        assertThat(Restoration.withoutDeletions(EARLIER, plan)).isEqualTo(EARLIER);
    }

    @Test
    void whateverThePlanNoFileOfTheReferenceIsGone() {
        for (int seed = 0; seed < 500; seed++) {
            var random = new RandomTrees(seed);
            var reference = random.manifest(30);
            var plan = random.edited(reference, 1 + random.below(20));

            var rest = Restoration.withoutDeletions(reference, plan);

            for (var entry : reference.entries()) {
                assertThat(rest.find(entry.path()).map(ManifestEntry::type))
                        .as("seed %d %s", seed, entry.path())
                        .contains(entry.type());
            }
            assertThat(PlanChanges.between(reference, rest).deleted())
                    .as("seed %d", seed)
                    .isEmpty();
            // Nothing is there that neither of the two has.
            assertThat(rest.entries())
                    .as("seed %d", seed)
                    .allMatch(entry -> plan.find(entry.path()).equals(Optional.of(entry))
                            || reference.find(entry.path()).equals(Optional.of(entry)));
            assertThat(Restoration.withoutDeletions(reference, rest))
                    .as("seed %d", seed)
                    .isEqualTo(rest);
        }
    }
}
