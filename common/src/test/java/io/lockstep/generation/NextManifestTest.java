package io.lockstep.generation;

import static io.lockstep.generation.RandomTrees.directory;
import static io.lockstep.generation.RandomTrees.file;
import static io.lockstep.generation.RandomTrees.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.HeldBack.Why;
import io.lockstep.generation.View.BlindSpot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
                .extracting(held -> held.path().toString())
                .containsExactly("server/a", "server/d/y", "server/e");
    }

    @Test
    void aFileThatIsStillBeingWrittenWaitsAndTheOthersProceed() {
        var older = manifest(file("server/a", "2"), file("server/d/x", "2"), file("server/d/y", "1"));
        var newer = manifest(file("server/a", "2"), file("server/d/x", "3"), file("server/d/y", "1"));

        var next = NextManifest.after(reference, View.of(older), View.of(newer));

        assertThat(next.manifest())
                .isEqualTo(manifest(file("server/a", "2"), file("server/d/x", "1"), file("server/d/y", "1")));
        assertThat(next.heldBack()).containsExactly(held("server/d/x", Why.UNSETTLED));
    }

    @Test
    void everythingBelowAnUnreadableDirectoryStays() {
        var hidden = blind(manifest(file("server/a", "1")), "server/d", BlindSpot.UNREADABLE);

        var next = NextManifest.after(reference, hidden, hidden);

        assertThat(next.manifest()).isEqualTo(reference);
        assertThat(next.heldBack())
                .extracting(held -> held.path().toString())
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
        assertThat(next.heldBack()).containsExactly(held("server/a", Why.SPECIAL));
    }

    @Test
    void anUnstableNewFileIsNotTakenYet() {
        var unstable = blind(reference, "server/new", BlindSpot.UNSTABLE);

        var next = NextManifest.after(reference, unstable, unstable);

        assertThat(next.manifest()).isEqualTo(reference);
        assertThat(next.heldBack()).containsExactly(held("server/new", Why.UNSETTLED));
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
        assertThat(next.heldBack())
                .extracting(held -> held.path().toString())
                .containsExactly("server/n", "server/n/z");
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

            var restraints = randomRestraints(trees, newer.manifest(), seed % 3);

            // The constructor of Manifest refuses a result that is not valid.
            var next = NextManifest.after(before, older, newer, restraints);

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
            }
            assertThat(next.heldBack())
                    .as("seed %d", seed)
                    .extracting(HeldBack::path)
                    .isSorted()
                    .doesNotHaveDuplicates();
            for (var held : next.heldBack()) {
                assertThat(next.manifest().find(held.path()))
                        .as("seed %d: %s is held back", seed, held)
                        .isEqualTo(before.find(held.path()));
            }
            for (var path : restraints.refused().keySet()) {
                assertThat(next.manifest().find(path))
                        .as("seed %d: %s is refused", seed, path)
                        .isEqualTo(before.find(path));
            }
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

    /** Refuses some files of what is seen, and says that files with the same last letter are of one artifact. */
    private static Restraints randomRestraints(RandomTrees trees, Manifest seen, int count) {
        var refused = new TreeMap<EntryPath, Refusal>();
        for (var entry : seen.entries()) {
            if (entry.isFile() && refused.size() < count && trees.below(4) == 0) {
                refused.put(entry.path(), new Refusal(entry.digest().orElseThrow(), Why.INVALID_XML, ""));
            }
        }
        return new Restraints(refused, path -> Optional.of(path.first() + "." + path.name().length % 3));
    }

    private static HeldBack held(String path, Why why) {
        return held(path, why, "");
    }

    private static HeldBack held(String path, Why why, String detail) {
        return new HeldBack(EntryPath.of(path), why, detail);
    }

    private static Restraints refusing(String path, String content) {
        var digest = file(path, content).digest().orElseThrow();
        return new Restraints(
                Map.of(EntryPath.of(path), new Refusal(digest, Why.INVALID_XML, "cut")),
                found -> found.toString().startsWith("server/d/") ? Optional.of("d") : Optional.empty());
    }

    @Test
    void aRefusedFileKeepsItsLastVersionAndTheOthersProceed() {
        var changed = manifest(file("server/a", "2"), file("server/d/x", "2"), file("server/d/y", "1"));

        var next = NextManifest.after(reference, View.of(changed), View.of(changed), refusing("server/d/x", "2"));

        assertThat(next.manifest())
                .isEqualTo(manifest(file("server/a", "2"), file("server/d/x", "1"), file("server/d/y", "1")));
        assertThat(next.heldBack()).containsExactly(held("server/d/x", Why.INVALID_XML, "cut"));
    }

    @Test
    void otherContentAtTheSamePathIsNotRefused() {
        var changed = manifest(file("server/a", "1"), file("server/d/x", "3"), file("server/d/y", "1"));

        var next = NextManifest.after(reference, View.of(changed), View.of(changed), refusing("server/d/x", "2"));

        assertThat(next.manifest()).isEqualTo(changed);
        assertThat(next.heldBack()).isEmpty();
    }

    @Test
    void nothingOfAnArtifactIsDeletedWhileAFileOfItIsRefused() {
        var changed = manifest(file("server/d/x", "2"));

        var next = NextManifest.after(reference, View.of(changed), View.of(changed), refusing("server/d/x", "2"));

        assertThat(next.manifest()).isEqualTo(manifest(file("server/d/x", "1"), file("server/d/y", "1")));
        assertThat(next.heldBack())
                .containsExactly(
                        held("server/d/x", Why.INVALID_XML, "cut"), held("server/d/y", Why.NEEDED, "with server/d/x"));
    }

    @Test
    void theFilesOfAnArtifactSettleTogether() {
        var older = manifest(file("server/a", "2"), file("server/d/x", "2"), file("server/d/y", "2"));
        var newer = manifest(file("server/a", "2"), file("server/d/x", "2"), file("server/d/y", "3"));

        var next = NextManifest.after(reference, View.of(older), View.of(newer), refusing("server/d/x", "none"));

        assertThat(next.manifest())
                .isEqualTo(manifest(file("server/a", "2"), file("server/d/x", "1"), file("server/d/y", "1")));
        assertThat(next.heldBack())
                .containsExactly(
                        held("server/d/x", Why.UNSETTLED, "with server/d/y"), held("server/d/y", Why.UNSETTLED));
    }

    @Test
    void aRefusedFileInPlaceOfADirectoryDeletesNothingBelow() {
        var changed = manifest(file("server/a", "1"), file("server/d", "2"));

        var next = NextManifest.after(reference, View.of(changed), View.of(changed), refusing("server/d", "2"));

        assertThat(next.manifest()).isEqualTo(reference);
        assertThat(next.heldBack())
                .extracting(held -> held.path().toString())
                .containsExactly("server/d", "server/d/x", "server/d/y");
    }

    @Test
    void whatStaysKeepsItsDirectory() {
        var changed = manifest(file("server/a", "1"), file("server/e", "2"));
        var restraints = new Restraints(
                Map.of(
                        EntryPath.of("server/e"),
                        new Refusal(file("server/e", "2").digest().orElseThrow(), Why.INVALID_XML, "")),
                path -> path.equals(EntryPath.of("server/e")) || path.equals(EntryPath.of("server/d/y"))
                        ? Optional.of("one")
                        : Optional.empty());

        var next = NextManifest.after(reference, View.of(changed), View.of(changed), restraints);

        assertThat(next.manifest()).isEqualTo(manifest(file("server/a", "1"), file("server/d/y", "1")));
        assertThat(next.heldBack())
                .containsExactly(
                        held("server/d", Why.NEEDED, "for server/d/y"),
                        held("server/d/y", Why.NEEDED, "with server/e"),
                        held("server/e", Why.INVALID_XML));
    }

    private static View blind(Manifest seen, String path, BlindSpot kind) {
        var spots = new TreeMap<EntryPath, BlindSpot>();
        spots.put(EntryPath.of(path), kind);
        return new View(seen, spots);
    }

    @Test
    void listsItsHeldBackPathsUnchangeably() {
        var held = new ArrayList<>(List.of(held("a", Why.SPECIAL)));
        var next = new NextManifest(reference, held);
        held.clear();

        assertThat(next.heldBack()).hasSize(1);
    }
}
