package io.lockstep.generation;

import static io.lockstep.generation.RandomTrees.directory;
import static io.lockstep.generation.RandomTrees.file;
import static io.lockstep.generation.RandomTrees.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.View.BlindSpot;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class NextManifestTest {
    private final Manifest reference =
            manifest(file("server/a", "1"), file("server/d/x", "1"), file("server/d/y", "1"));

    @Test
    void nothingNewKeepsTheReferenceItself() {
        var next = NextManifest.after(reference, View.of(reference), View.of(reference));

        assertThat(next.manifest()).isSameAs(reference);
        assertThat(next.heldBack()).isEmpty();
    }

    @Test
    void aChangeThatBothLooksSawIsTaken() {
        var changed = manifest(file("server/a", "2"), file("server/d/x", "1"), file("server/e", "1"));

        var next = NextManifest.after(reference, View.of(changed), View.of(changed));

        assertThat(next.manifest()).isEqualTo(changed);
        assertThat(next.heldBack()).isEmpty();
    }

    @Test
    void aChangeThatOnlyTheNewerLookSawWaits() {
        var changed = manifest(file("server/a", "2"), file("server/d/x", "1"), file("server/e", "1"));

        var next = NextManifest.after(reference, View.of(reference), View.of(changed));

        assertThat(next.manifest()).isEqualTo(reference);
        assertThat(next.heldBack())
                .extracting(EntryPath::toString)
                .containsExactly("server/a", "server/d/y", "server/e");
    }

    @Test
    void aFileThatIsStillBeingWrittenWaitsAndTheOthersProceed() {
        var older = manifest(file("server/a", "2"), file("server/d/x", "2"), file("server/d/y", "1"));
        var newer = manifest(file("server/a", "2"), file("server/d/x", "3"), file("server/d/y", "1"));

        var next = NextManifest.after(reference, View.of(older), View.of(newer));

        assertThat(next.manifest())
                .isEqualTo(manifest(file("server/a", "2"), file("server/d/x", "1"), file("server/d/y", "1")));
        assertThat(next.heldBack()).containsExactly(EntryPath.of("server/d/x"));
    }

    @Test
    void everythingBelowAnUnreadableDirectoryStays() {
        var hidden = blind(manifest(file("server/a", "1")), "server/d", BlindSpot.UNREADABLE);

        var next = NextManifest.after(reference, hidden, hidden);

        assertThat(next.manifest()).isEqualTo(reference);
        assertThat(next.heldBack())
                .extracting(EntryPath::toString)
                .containsExactly("server/d", "server/d/x", "server/d/y");
    }

    @Test
    void oneLookThatCouldNotTellIsEnoughToKeepAPath() {
        var without = View.of(manifest(file("server/a", "1")));
        var hidden = blind(manifest(file("server/a", "1")), "server/d", BlindSpot.UNREADABLE);

        assertThat(NextManifest.after(reference, hidden, without).manifest()).isEqualTo(reference);
        assertThat(NextManifest.after(reference, without, hidden).manifest()).isEqualTo(reference);
    }

    @Test
    void aFileThatALinkReplacedStays() {
        var linked = blind(manifest(file("server/d/x", "1"), file("server/d/y", "1")), "server/a", BlindSpot.SPECIAL);

        var next = NextManifest.after(reference, linked, linked);

        assertThat(next.manifest()).isEqualTo(reference);
        assertThat(next.heldBack()).containsExactly(EntryPath.of("server/a"));
    }

    @Test
    void anUnstableNewFileIsNotTakenYet() {
        var unstable = blind(reference, "server/new", BlindSpot.UNSTABLE);

        var next = NextManifest.after(reference, unstable, unstable);

        assertThat(next.manifest()).isEqualTo(reference);
        assertThat(next.heldBack()).containsExactly(EntryPath.of("server/new"));
    }

    @Test
    void aDirectoryThatBothLooksMissGoesWithItsContent() {
        var without = manifest(file("server/a", "1"));

        assertThat(NextManifest.after(reference, View.of(without), View.of(without))
                        .manifest())
                .isEqualTo(without);
    }

    @Test
    void theContentOfANewDirectoryWaitsForTheDirectory() {
        var open = manifest(
                file("server/a", "1"),
                file("server/d/x", "1"),
                file("server/d/y", "1"),
                directory("server/n"),
                file("server/n/z", "1"));
        var closed = manifest(
                file("server/a", "1"),
                file("server/d/x", "1"),
                file("server/d/y", "1"),
                ManifestEntry.directory(EntryPath.of("server/n"), 0700),
                file("server/n/z", "1"));

        var next = NextManifest.after(reference, View.of(open), View.of(closed));

        assertThat(next.manifest()).isEqualTo(reference);
        assertThat(next.heldBack()).extracting(EntryPath::toString).containsExactly("server/n", "server/n/z");
        assertThat(NextManifest.after(next.manifest(), View.of(closed), View.of(closed))
                        .manifest())
                .isEqualTo(closed);
    }

    @Test
    void aFileThatBecomesADirectoryChangesAsOne() {
        var changed = manifest(file("server/a/deep", "1"), file("server/d/x", "1"), file("server/d/y", "1"));

        assertThat(NextManifest.after(reference, View.of(changed), View.of(changed))
                        .manifest())
                .isEqualTo(changed);
        assertThat(NextManifest.after(reference, View.of(reference), View.of(changed))
                        .manifest())
                .isEqualTo(reference);
    }

    @Test
    void keepsItsPromisesForAnyTwoLooks() {
        for (int seed = 0; seed < 3_000; seed++) {
            var trees = new RandomTrees(seed);
            var before = trees.manifest(trees.below(25));
            var older = randomLook(trees, trees.edited(before, trees.below(8)));
            var newer =
                    randomLook(trees, trees.edited(trees.below(2) == 0 ? older.manifest() : before, trees.below(8)));

            // The constructor of Manifest refuses a result that is not valid.
            var next = NextManifest.after(before, older, newer);

            for (var entry : before.entries()) {
                boolean told = older.blindAt(entry.path()) == null && newer.blindAt(entry.path()) == null;
                if (!told) {
                    assertThat(next.manifest().find(entry.path()))
                            .as("seed %d", seed)
                            .contains(entry);
                }
            }
            for (var change : ManifestDiff.between(before, next.manifest()).differences()) {
                var path = change.path();
                assertThat(older.manifest().find(path))
                        .as("seed %d: %s changed and both looks saw it so", seed, path)
                        .isEqualTo(change.actual())
                        .isEqualTo(newer.manifest().find(path));
                assertThat(next.heldBack()).doesNotContain(path);
            }
            assertThat(next.heldBack()).as("seed %d", seed).isSorted().doesNotHaveDuplicates();
        }
    }

    @Test
    void twoEqualCompleteLooksAreTheNextManifest() {
        for (int seed = 0; seed < 500; seed++) {
            var trees = new RandomTrees(seed);
            var before = trees.manifest(trees.below(40));
            var look = View.of(trees.edited(before, trees.below(15)));

            var next = NextManifest.after(before, look, look);

            assertThat(next.manifest().entries())
                    .as("seed %d", seed)
                    .isEqualTo(look.manifest().entries());
            assertThat(next.heldBack()).isEmpty();
        }
    }

    /** A look that can't tell some paths, as a scan gives it: what lies below an unreadable directory is not listed. */
    private static View randomLook(RandomTrees trees, Manifest seen) {
        var spots = new TreeMap<EntryPath, BlindSpot>();
        var entries = new ArrayList<>(seen.entries());
        for (int i = trees.below(3); i > 0 && entries.size() > 4; i--) {
            var path = trees.pathOf(Manifest.ofUnsorted(entries));
            entries.removeIf(entry -> entry.path().equals(path) || entry.path().isBelow(path));
            spots.keySet().removeIf(spot -> spot.isBelow(path));
            spots.put(path, List.of(BlindSpot.values()).get(trees.below(3)));
        }
        return new View(new Manifest(entries), spots);
    }

    private static View blind(Manifest seen, String path, BlindSpot kind) {
        var spots = new TreeMap<EntryPath, BlindSpot>();
        spots.put(EntryPath.of(path), kind);
        return new View(seen, spots);
    }

    @Test
    void listsItsHeldBackPathsUnchangeably() {
        var held = new ArrayList<>(List.of(EntryPath.of("a")));
        var next = new NextManifest(reference, held);
        held.clear();

        assertThat(next.heldBack()).hasSize(1);
    }
}
