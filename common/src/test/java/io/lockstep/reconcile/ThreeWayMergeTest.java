package io.lockstep.reconcile;

import static io.lockstep.generation.RandomTrees.directory;
import static io.lockstep.generation.RandomTrees.file;
import static io.lockstep.generation.RandomTrees.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.RandomTrees;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThreeWayMergeTest {
    private static final Manifest BASE = manifest(
            file("server/a.xml", "a"), file("server/b.xml", "b"), file("server/d/x.xml", "x"), directory("server/e"));

    private static ThreeWayMerge merge(Manifest live, Manifest share) {
        return ThreeWayMerge.of(BASE, live, share);
    }

    @Test
    void whatOnlyOneSideChangedIsTakenFromIt() {
        var live = manifest(
                file("server/a.xml", "a2"),
                file("server/b.xml", "b"),
                file("server/d/x.xml", "x"),
                directory("server/e"));
        var share = manifest(
                file("server/a.xml", "a"),
                file("server/c.xml", "c"),
                file("server/d/x.xml", "x"),
                directory("server/e"));

        var merge = merge(live, share);

        assertThat(merge.merged())
                .isEqualTo(manifest(
                        file("server/a.xml", "a2"),
                        file("server/c.xml", "c"),
                        file("server/d/x.xml", "x"),
                        directory("server/e")));
        assertThat(merge.conflicts()).isEmpty();
    }

    @Test
    void aChangeWinsOverADeletionOnEitherSide() {
        var live = manifest(file("server/a.xml", "a2"), file("server/d/x.xml", "x"), directory("server/e"));
        var share = manifest(file("server/b.xml", "b2"), file("server/d/x.xml", "x"), directory("server/e"));

        var merge = merge(live, share);

        assertThat(merge.merged())
                .isEqualTo(manifest(
                        file("server/a.xml", "a2"),
                        file("server/b.xml", "b2"),
                        file("server/d/x.xml", "x"),
                        directory("server/e")));
        assertThat(merge.conflicts()).isEmpty();
    }

    @Test
    void ofTwoChangesTheLiveOneStaysAndTheSharesIsAConflict() {
        var live = manifest(file("server/a.xml", "mine"));
        var share = manifest(file("server/a.xml", "theirs"));

        var merge = merge(live, share);

        assertThat(merge.merged()).isEqualTo(live);
        assertThat(merge.conflicts()).containsExactly(file("server/a.xml", "theirs"));
    }

    @Test
    void theSameContentOnBothSidesIsNoConflict() {
        var theirs = file("server/n.xml", "n");
        var mine = ManifestEntry.file(
                theirs.path(), 0600, theirs.sizeBytes(), 5, theirs.digest().orElseThrow());

        var merge = merge(manifest(mine), manifest(theirs));

        assertThat(merge.merged().find(theirs.path())).contains(mine);
        assertThat(merge.conflicts()).isEmpty();
    }

    @Test
    void aDirectoryThatOneSideDeletedStaysForWhatTheOtherChangedInIt() {
        var live = manifest(file("server/a.xml", "a"), file("server/b.xml", "b"), directory("server/e"));
        var share = manifest(
                file("server/a.xml", "a"),
                file("server/b.xml", "b"),
                file("server/d/x.xml", "x2"),
                directory("server/e"));

        assertThat(merge(live, share).merged()).isEqualTo(share);
        assertThat(merge(share, live).merged()).isEqualTo(share);
    }

    @Test
    void aFileOfTheShareInTheWayOfALiveChangeIsAConflict() {
        var live = manifest(file("server/d/x.xml", "x2"));
        var share = manifest(file("server/d", "a file now"));

        var merge = merge(live, share);

        assertThat(merge.merged()).isEqualTo(live);
        assertThat(merge.conflicts()).containsExactly(file("server/d", "a file now"));
    }

    @Test
    void filesOfTheShareBelowALiveFileAreConflicts() {
        var live = manifest(file("server/d", "a file now"));
        var share = manifest(file("server/d/x.xml", "x2"), file("server/d/y.xml", "y"));

        var merge = merge(live, share);

        assertThat(merge.merged()).isEqualTo(live);
        assertThat(merge.conflicts()).containsExactly(file("server/d/x.xml", "x2"), file("server/d/y.xml", "y"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void nothingThatEitherSideWroteIsLost(int seed) {
        var trees = new RandomTrees(seed);
        for (int round = 0; round < 300; round++) {
            var base = trees.manifest(trees.below(12));
            var live = trees.edited(base, trees.below(8));
            var share = trees.edited(base, trees.below(8));

            var merge = ThreeWayMerge.of(base, live, share);

            requirePromises(base, live, share, merge);
        }
    }

    /**
     * Why a merge needs no plan in the log: whoever goes on with it works it out again, from the merge as the reference
     * and a share that is written in part, and gets the merge again.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void aMergeThatIsGoneOnWithAnywhereOnTheWayIsTheSameMerge(int seed) {
        var trees = new RandomTrees(seed);
        for (int round = 0; round < 300; round++) {
            var base = trees.manifest(trees.below(12));
            var live = trees.edited(base, trees.below(8));
            var share = trees.edited(base, trees.below(8));
            var merge = ThreeWayMerge.of(base, live, share);

            for (int cut = 0; cut < 4; cut++) {
                var partly = partlyWritten(trees, share, merge.merged());

                // Who was there before, and who has only the log: neither has more to go by than this.
                var again = ThreeWayMerge.of(base, merge.merged(), partly);

                assertThat(again.merged()).isEqualTo(merge.merged());
                assertThat(merge.conflicts()).containsAll(again.conflicts());
                // What is on neither list any more was on the share, and has been replaced since the first manager kept
                // it.
                for (var conflict : merge.conflicts()) {
                    boolean isStillThere = partly.find(conflict.path()).equals(Optional.of(conflict));
                    assertThat(again.conflicts().contains(conflict)).isEqualTo(isStillThere);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void whatOthersWriteWhileTheShareIsWrittenIsMergedAsWell(int seed) {
        var trees = new RandomTrees(seed);
        for (int round = 0; round < 300; round++) {
            var base = trees.manifest(trees.below(12));
            var merge = ThreeWayMerge.of(base, trees.edited(base, trees.below(8)), trees.edited(base, trees.below(8)));
            var share = trees.edited(merge.merged(), trees.below(4));

            var again = ThreeWayMerge.of(base, merge.merged(), share);

            for (var entry : written(merge.merged(), share)) {
                boolean isLive = again.merged()
                        .find(entry.path())
                        .filter(entry::hasContentOf)
                        .isPresent();
                boolean isOld = base.find(entry.path()).filter(entry::equals).isPresent();
                assertThat(isLive || isOld || again.conflicts().contains(entry))
                        .as("%s is live, a conflict, or the base's", entry)
                        .isTrue();
            }
        }
    }

    @Test
    void whatTheShareHasOfAnEarlierGenerationIsNoChangeOfIt() {
        var second = manifest(file("server/a.xml", "a2"), file("server/b.xml", "b"));
        var live = manifest(file("server/a.xml", "a3"), file("server/b.xml", "b"));
        var share = manifest(file("server/a.xml", "a2"), file("server/b.xml", "b2"));

        var merge = ThreeWayMerge.of(
                BASE, live, share, (path, state) -> state.equals(BASE.find(path)) || state.equals(second.find(path)));

        assertThat(merge.merged()).isEqualTo(manifest(file("server/a.xml", "a3"), file("server/b.xml", "b2")));
        assertThat(merge.conflicts()).isEmpty();
    }

    @Test
    void whatNoGenerationMayHaveIsAConflictWhateverTheLiveSideHas() {
        var live = manifest(file("server/a.xml", "a"), file("server/c.xml", "c2"));
        var share = manifest(
                file("server/a.xml", "bad"),
                file("server/b.xml", "bad"),
                file("server/c.xml", "bad"),
                file("server/new.xml", "bad"),
                file("server/good.xml", "good"));

        var merge = ThreeWayMerge.of(
                BASE,
                live,
                share,
                (path, state) -> state.equals(BASE.find(path)),
                file -> file.hasContentOf(file("server/a.xml", "bad")));

        assertThat(merge.merged())
                .isEqualTo(manifest(
                        file("server/a.xml", "a"), file("server/c.xml", "c2"), file("server/good.xml", "good")));
        assertThat(merge.conflicts())
                .extracting(entry -> entry.path().toString())
                .containsExactly("server/a.xml", "server/b.xml", "server/c.xml", "server/new.xml");
    }

    /** The share on its way to {@code target}: some paths are as they will be, the others as they were. */
    private static Manifest partlyWritten(RandomTrees trees, Manifest share, Manifest target) {
        var now = new TreeMap<EntryPath, ManifestEntry>();
        share.entries().forEach(entry -> now.put(entry.path(), entry));
        var differences = ManifestDiff.between(target, share).differences();
        int written = differences.isEmpty() ? 0 : trees.below(differences.size() + 1);
        // In an order in which it can be done: what is in the way goes first, deepest first, then top down.
        for (int i = differences.size() - 1; i >= 0; i--) {
            var path = differences.get(i).path();
            boolean becomesFile = path.parent()
                    .flatMap(above -> nearest(target, above))
                    .filter(ManifestEntry::isFile)
                    .isPresent();
            if (becomesFile && written > 0) {
                now.remove(path);
                written--;
            }
        }
        for (var difference : differences) {
            boolean hasPlace = difference
                    .path()
                    .parent()
                    .map(above -> now.containsKey(above) && !now.get(above).isFile())
                    .orElse(true);
            boolean isFree = now.keySet().stream().noneMatch(other -> other.isBelow(difference.path()));
            if (written-- > 0 && difference.reference().isPresent() && hasPlace) {
                if (!difference.reference().get().isFile() || isFree) {
                    now.put(difference.path(), difference.reference().get());
                }
            }
        }
        return new Manifest(List.copyOf(now.values()));
    }

    /** The entry at {@code path}, or the nearest above it. */
    private static Optional<ManifestEntry> nearest(Manifest manifest, EntryPath path) {
        return manifest.find(path).or(() -> path.parent().flatMap(above -> nearest(manifest, above)));
    }

    private static void requirePromises(Manifest base, Manifest live, Manifest share, ThreeWayMerge merge) {
        for (var entry : written(base, live)) {
            assertThat(merge.merged().find(entry.path()))
                    .as("the live side wrote %s", entry)
                    .contains(entry);
        }
        for (var entry : written(base, share)) {
            boolean isLive = merge.merged()
                    .find(entry.path())
                    .filter(entry::hasContentOf)
                    .isPresent();
            assertThat(isLive || merge.conflicts().contains(entry))
                    .as("the share's %s is live or a conflict", entry)
                    .isTrue();
        }
        for (var entry : merge.merged().entries()) {
            boolean isOfASide = live.find(entry.path()).equals(Optional.of(entry))
                    || share.find(entry.path()).equals(Optional.of(entry));
            assertThat(isOfASide).as("%s is of one side", entry).isTrue();
        }
        // What neither side changed stays, unless one of them deleted it.
        for (var entry : base.entries()) {
            boolean both = live.find(entry.path()).filter(entry::equals).isPresent()
                    && share.find(entry.path()).filter(entry::equals).isPresent();
            assertThat(!both
                            || merge.merged()
                                    .find(entry.path())
                                    .filter(entry::equals)
                                    .isPresent())
                    .as("%s stays", entry)
                    .isTrue();
        }
        assertThat(ThreeWayMerge.of(base, live, base).merged()).isEqualTo(live);
        assertThat(ThreeWayMerge.of(base, base, share).merged()).isEqualTo(share);
        assertThat(ThreeWayMerge.of(base, live, live).conflicts()).isEmpty();
        // A merge that was cut short and is done again, on a share that has it in part, loses nothing more.
        assertThat(ThreeWayMerge.of(base, merge.merged(), merge.merged()).merged())
                .isEqualTo(merge.merged());
        assertThat(contents(ThreeWayMerge.of(base, merge.merged(), share))).containsAll(contents(merge));
    }

    /** The files that a side has and that the base has not, with that content, at their path. */
    private static Set<ManifestEntry> written(Manifest base, Manifest side) {
        return ManifestDiff.between(base, side).differences().stream()
                .flatMap(d -> d.actual().stream())
                .filter(ManifestEntry::isFile)
                .filter(entry ->
                        base.find(entry.path()).filter(entry::hasContentOf).isEmpty())
                .collect(Collectors.toSet());
    }

    private static Set<String> contents(ThreeWayMerge merge) {
        var contents = new HashSet<String>();
        merge.merged().entries().stream().filter(ManifestEntry::isFile).forEach(e -> contents.add(name(e)));
        merge.conflicts().forEach(e -> contents.add(name(e)));
        return contents;
    }

    private static String name(ManifestEntry entry) {
        EntryPath path = entry.path();
        Digest digest = entry.digest().orElseThrow();
        return path + " " + digest;
    }
}
