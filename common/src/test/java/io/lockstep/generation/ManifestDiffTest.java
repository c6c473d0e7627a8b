package io.lockstep.generation;

import static io.lockstep.generation.RandomTrees.file;
import static io.lockstep.generation.RandomTrees.manifest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.ManifestDiff.Kind;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ManifestDiffTest {
    @Test
    void namesWhatIsMissingExtraAndChanged() {
        var reference = manifest(file("server/a", "1"), file("server/b", "1"), file("server/c", "1"));
        var actual = manifest(file("server/a", "1"), file("server/b", "2"), file("server/d", "1"));

        var diff = ManifestDiff.between(reference, actual);

        assertThat(diff.differences())
                .extracting(d -> d.kind() + " " + d.path())
                .containsExactly("CHANGED server/b", "MISSING server/c", "EXTRA server/d");
        assertThat(diff.count(Kind.MISSING)).isEqualTo(1);
        assertThat(diff.isEmpty()).isFalse();
    }

    @Test
    void equalManifestsDoNotDiffer() {
        var one = manifest(file("server/a", "1"));

        assertThat(ManifestDiff.between(one, Manifest.ofUnsorted(one.entries())).isEmpty())
                .isTrue();
    }

    @Test
    void findsExactlyThePathsThatALookAtEachPathFinds() {
        for (int seed = 0; seed < 200; seed++) {
            var trees = new RandomTrees(seed);
            var reference = trees.manifest(trees.below(60));
            var actual = trees.edited(reference, trees.below(20));
            var expected = new TreeSet<EntryPath>();
            for (var manifest : new Manifest[] {reference, actual}) {
                for (var entry : manifest.entries()) {
                    if (!reference.find(entry.path()).equals(actual.find(entry.path()))) {
                        expected.add(entry.path());
                    }
                }
            }

            var found = ManifestDiff.between(reference, actual).differences();

            assertThat(found)
                    .as("seed %d", seed)
                    .extracting(ManifestDiff.Difference::path)
                    .containsExactlyElementsOf(expected);
            for (var difference : found) {
                assertThat(difference.reference()).isEqualTo(reference.find(difference.path()));
                assertThat(difference.actual()).isEqualTo(actual.find(difference.path()));
            }
        }
    }

    @Test
    void refusesADifferenceOfNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ManifestDiff.Difference(EntryPath.of("a"), Optional.empty(), Optional.empty()));
    }
}
