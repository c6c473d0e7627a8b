package io.lockstep.generation;

import static io.lockstep.generation.RandomTrees.directory;
import static io.lockstep.generation.RandomTrees.file;
import static io.lockstep.generation.RandomTrees.manifest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.digest.Digest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManifestTest {
    private static final EntryPath PATH = EntryPath.of("server/a");

    @Test
    void takingOverDigestsGivesTheSameManifest() {
        for (int seed = 0; seed < 100; seed++) {
            var trees = new RandomTrees(seed);
            var older = trees.manifest(trees.below(200));
            var newer = trees.edited(older, trees.below(30));

            var like = Manifest.like(older, newer.entries());

            assertThat(like.root()).as("seed %d", seed).isEqualTo(newer.root());
            assertThat(like.entries()).isEqualTo(newer.entries());
            for (var entry : newer.entries()) {
                assertThat(like.findByKey(entry.key())).contains(entry);
            }
        }
    }

    @Test
    void twoManifestsAreEqualExactlyWhenTheirEntriesAre() {
        for (int seed = 0; seed < 100; seed++) {
            var trees = new RandomTrees(seed);
            var one = trees.manifest(50);
            var other = trees.edited(one, trees.below(3));

            assertThat(one.equals(other))
                    .as("seed %d", seed)
                    .isEqualTo(one.entries().equals(other.entries()));
        }
    }

    @Test
    void everyFieldOfAnEntryIsPartOfTheIdentity() {
        var content = Digest.of(new byte[1]);
        var entries = List.of(
                ManifestEntry.file(PATH, 0644, 1, 5, content),
                ManifestEntry.file(EntryPath.of("server/b"), 0644, 1, 5, content),
                ManifestEntry.file(PATH, 0600, 1, 5, content),
                ManifestEntry.file(PATH, 0644, 2, 5, content),
                ManifestEntry.file(PATH, 0644, 1, 6, content),
                ManifestEntry.file(PATH, 0644, 1, 5, Digest.of(new byte[2])),
                ManifestEntry.directory(PATH, 0644));

        assertThat(entries).extracting(ManifestEntry::identity).doesNotHaveDuplicates();
        assertThat(entries.get(0).hasContentOf(entries.get(2))).isTrue();
        assertThat(entries.get(0).hasContentOf(entries.get(5))).isFalse();
        assertThat(entries.get(6).hasContentOf(entries.get(6))).isFalse();
    }

    @Test
    void findsByPathAndCountsFiles() {
        var manifest = manifest(file("server/api/a.xml", "a"), file("server/b", "b"));

        assertThat(manifest.find(EntryPath.of("server/api")).map(ManifestEntry::type))
                .contains(EntryType.DIRECTORY);
        assertThat(manifest.find(EntryPath.of("server/c"))).isEmpty();
        assertThat(manifest.fileCount()).isEqualTo(2);
        assertThat(manifest.size()).isEqualTo(4);
        assertThat(manifest)
                .hasToString("Manifest[4 entries, root " + manifest.root().abbreviated() + "]");
        assertThat(manifest).hasSameHashCodeAs(Manifest.ofUnsorted(manifest.entries()));
    }

    @Test
    void refusesAnEntryWithoutItsDirectory() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Manifest(List.of(directory("server"), file("server/api/a", ""))))
                .withMessageContaining("server/api/a");
    }

    @Test
    void refusesAnEntryBelowAFile() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new Manifest(List.of(directory("server"), file("server/a", ""), file("server/a/b", ""))));
    }

    @Test
    void refusesATreeThatIsAFile() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Manifest(List.of(file("server", ""))));
    }

    @Test
    void refusesEntriesOutOfOrderOrTwice() {
        var root = directory("server");
        var a = file("server/a", "");
        var b = file("server/b", "");

        assertThatIllegalArgumentException().isThrownBy(() -> new Manifest(List.of(root, b, a)));
        assertThatIllegalArgumentException().isThrownBy(() -> new Manifest(List.of(root, a, a)));
        assertThat(Manifest.ofUnsorted(List.of(b, a, root)).entries()).containsExactly(root, a, b);
    }

    @Test
    void refusesAnEntryThatDoesNotFitItsType() {
        var some = Optional.of(Digest.of(new byte[1]));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ManifestEntry(PATH, EntryType.SYMLINK, 0644, 0, 0, Optional.empty()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ManifestEntry(PATH, EntryType.FILE, 0644, 0, 0, Optional.empty()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ManifestEntry(PATH, EntryType.FILE, 0644, -1, 0, some));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ManifestEntry(PATH, EntryType.DIRECTORY, 0755, 0, 0, some));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ManifestEntry(PATH, EntryType.DIRECTORY, 0755, 1, 0, Optional.empty()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ManifestEntry(PATH, EntryType.DIRECTORY, 0755, 0, 1, Optional.empty()));
    }

    @Test
    void noSetUserBitEverTravels() {
        assertThatIllegalArgumentException().isThrownBy(() -> ManifestEntry.directory(PATH, 04755));
        assertThatIllegalArgumentException().isThrownBy(() -> ManifestEntry.directory(PATH, -1));
    }
}
