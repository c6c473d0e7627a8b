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
import java.util.Set;
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
            boolean isOfASide = live.find(entry.path()).equals(java.util.Optional.of(entry))
                    || share.find(entry.path()).equals(java.util.Optional.of(entry));
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
