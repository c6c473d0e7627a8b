package io.lockstep.mode;

import static io.lockstep.generation.RandomTrees.file;
import static io.lockstep.generation.RandomTrees.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.RandomTrees;
import io.lockstep.generation.Resolution;
import io.lockstep.generation.View;
import io.lockstep.generation.View.BlindSpot;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LineageTest {
    private final Manifest base = manifest(file("server/a", "1"), file("server/b", "1"));
    private final Manifest middle = manifest(file("server/a", "2"), file("server/b", "1"), file("server/c", "1"));
    private final Manifest reference = manifest(file("server/a", "3"), file("server/c", "1"));
    private final List<Manifest> lineage = List.of(base, middle, reference);

    @Test
    void everyGenerationSinceTheBaseOnlyLags() {
        for (var generation : lineage) {
            assertThat(foreign(View.of(generation))).isEmpty();
        }
    }

    @Test
    void aShareThatWasHalfWrittenOnlyLags() {
        // The manager wrote a's last state, and not yet that c came and b went.
        assertThat(foreign(View.of(manifest(file("server/a", "3"), file("server/b", "1")))))
                .isEmpty();
        assertThat(foreign(View.of(manifest(file("server/a", "2"))))).isEmpty();
    }

    @Test
    void whatNoGenerationHadIsForeign() {
        assertThat(foreign(View.of(manifest(file("server/a", "other"), file("server/b", "1")))))
                .containsExactly("server/a");
        assertThat(foreign(View.of(manifest(file("server/a", "1"), file("server/b", "1"), file("server/z", "1")))))
                .containsExactly("server/z");
        assertThat(foreign(View.of(manifest(file("server/b", "1"))))).containsExactly("server/a");
    }

    @Test
    void anEmptiedShareIsForeign() {
        assertThat(foreign(View.of(manifest(RandomTrees.directory("server"))))).containsExactly("server/a");
        assertThat(foreign(View.empty())).containsExactly("server", "server/a");
    }

    @Test
    void whatCannotBeToldIsForeign() {
        var spots = new TreeMap<EntryPath, BlindSpot>();
        spots.put(EntryPath.of("server/b"), BlindSpot.UNREADABLE);
        spots.put(EntryPath.of("server/x"), BlindSpot.UNSTABLE);

        assertThat(foreign(new View(manifest(file("server/a", "1")), spots))).containsExactly("server/b", "server/x");
    }

    @Test
    void everythingBelowWhatCannotBeToldIsForeign() {
        var deep = manifest(file("server/d/x", "1"), file("server/d/y", "1"));
        var spots = new TreeMap<EntryPath, BlindSpot>();
        spots.put(EntryPath.of("server/d"), BlindSpot.UNREADABLE);
        var share = new View(manifest(RandomTrees.directory("server")), spots);

        assertThat(Lineage.startingAt(deep).foreignPaths(share))
                .extracting(EntryPath::toString)
                .containsExactly("server/d", "server/d/x", "server/d/y");
    }

    @Test
    void aLinkWhereNoGenerationHadAnythingIsNoForeignContent() {
        // Links are never replicated: one beside the artifacts must not keep a returning share out for ever.
        var spots = new TreeMap<EntryPath, BlindSpot>();
        spots.put(EntryPath.of("server/link"), BlindSpot.SPECIAL);

        assertThat(foreign(new View(base, spots))).isEmpty();
        // One that stands where some generation had a file hides what the share should hold.
        spots.put(EntryPath.of("server/c"), BlindSpot.SPECIAL);
        assertThat(foreign(new View(base, spots))).containsExactly("server/c");
    }

    @Test
    void eachPathIsNamedOnceAndExactlyWhenNoGenerationHasIt() {
        for (int seed = 0; seed < 300; seed++) {
            var trees = new RandomTrees(seed);
            var generations = new ArrayList<>(List.of(trees.manifest(20)));
            for (int i = trees.below(4); i > 0; i--) {
                generations.add(trees.edited(generations.get(generations.size() - 1), 4));
            }
            var share = trees.edited(generations.get(trees.below(generations.size())), trees.below(5));

            var foreign = of(generations).foreignPaths(View.of(share));

            assertThat(foreign).as("seed %d", seed).isSorted().doesNotHaveDuplicates();
            var all = new ArrayList<>(share.entries());
            generations.forEach(generation -> all.addAll(generation.entries()));
            for (var path : all.stream().map(ManifestEntry::path).toList()) {
                boolean known = generations.stream().anyMatch(g -> g.find(path).equals(share.find(path)));
                assertThat(foreign.contains(path)).as("seed %d: %s", seed, path).isEqualTo(!known);
            }
        }
    }

    @Test
    void aShareThatCutsTimesShowsNothingForeignWhenItWasWrittenFromAGeneration() {
        long second = 1_000_000_000L;
        var path = EntryPath.of("server/a");
        var digest = Digest.of(new byte[] {1});
        var first = manifest(ManifestEntry.file(path, 0644, 1, second, digest));
        var written = manifest(ManifestEntry.file(path, 0644, 1, 5 * second + 7, digest));
        var later = manifest(ManifestEntry.file(path, 0644, 1, 9 * second + 7, digest));
        var lineage = of(List.of(first, written, later));

        var cut = View.of(manifest(ManifestEntry.file(path, 0644, 1, 5 * second, digest)));
        var others = View.of(manifest(ManifestEntry.file(path, 0644, 1, 6 * second, digest)));

        assertThat(lineage.foreignPaths(cut, Resolution.SECONDS)).isEmpty();
        assertThat(lineage.foreignPaths(cut)).containsExactly(path);
        assertThat(lineage.foreignPaths(others, Resolution.SECONDS)).containsExactly(path);
    }

    private static Lineage of(List<Manifest> generations) {
        var lineage = Lineage.startingAt(generations.get(0));
        for (int i = 1; i < generations.size(); i++) {
            lineage = lineage.extended(generations.get(i - 1), generations.get(i));
        }
        return lineage;
    }

    private List<String> foreign(View share) {
        return of(lineage).foreignPaths(share).stream().map(EntryPath::toString).toList();
    }
}
