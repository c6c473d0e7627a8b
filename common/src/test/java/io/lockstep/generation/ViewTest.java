package io.lockstep.generation;

import static io.lockstep.generation.RandomTrees.file;
import static io.lockstep.generation.RandomTrees.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.artifact.Stamp;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.View.BlindSpot;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ViewTest {
    private static final Digest CONTENT = Digest.of(new byte[1]);

    private final View view = View.of(
            Map.of(
                    "server",
                    inventory(
                            new Finding.Directory(EntryPath.of("api"), new Stamp(4096, 9, 9, 9), 0750),
                            new Finding.RegularFile(EntryPath.of("api/a.xml"), new Stamp(1, 2, 3, 4), 0640, CONTENT),
                            new Finding.Reported(EntryPath.of("api/a.xml.back"), EntryType.FILE),
                            new Finding.Special(EntryPath.of("link"), EntryType.SYMLINK),
                            new Finding.Unreadable(EntryPath.of("secret"), EntryType.DIRECTORY, "EACCES"),
                            new Finding.Unstable(EntryPath.of("writing"))),
                    "tenants",
                    inventory()),
            View.empty());

    @Test
    void showsTheTreesSideBySide() {
        assertThat(view.manifest().entries())
                .containsExactly(
                        ManifestEntry.directory(EntryPath.of("server"), 0),
                        ManifestEntry.directory(EntryPath.of("server/api"), 0750),
                        ManifestEntry.file(EntryPath.of("server/api/a.xml"), 0640, 1, 2, CONTENT),
                        ManifestEntry.directory(EntryPath.of("tenants"), 0));
    }

    @Test
    void absentUnreadableUnstableAndSpecialAreDifferent() {
        assertThat(view.blindAt(EntryPath.of("server/absent"))).isNull();
        assertThat(view.blindAt(EntryPath.of("server/api/a.xml"))).isNull();
        assertThat(view.blindAt(EntryPath.of("server/link"))).isEqualTo(BlindSpot.SPECIAL);
        assertThat(view.blindAt(EntryPath.of("server/secret"))).isEqualTo(BlindSpot.UNREADABLE);
        assertThat(view.blindAt(EntryPath.of("server/writing"))).isEqualTo(BlindSpot.UNSTABLE);
        assertThat(view.blind(BlindSpot.SPECIAL)).containsExactly(EntryPath.of("server/link"));
        assertThat(view.isComplete()).isFalse();
    }

    @Test
    void whatIsLeftOutHidesNothing() {
        assertThat(view.blindAt(EntryPath.of("server/api/a.xml.back"))).isNull();
        assertThat(view.manifest().find(EntryPath.of("server/api/a.xml.back"))).isEmpty();
    }

    @Test
    void everythingBelowABlindSpotIsUnknown() {
        assertThat(view.blindAt(EntryPath.of("server/secret/deep/er"))).isEqualTo(BlindSpot.UNREADABLE);
        assertThat(view.blindAt(EntryPath.of("server/secret2"))).isNull();
        assertThat(view.blindAt(EntryPath.of("server"))).isNull();
    }

    @Test
    void theDeepestPathCanBeAsked() {
        assertThat(view.blindAt(EntryPath.of("a/".repeat(2047) + "a"))).isNull();
        assertThat(view.blindAt(EntryPath.of("server/secret" + "/a".repeat(2_000))))
                .isEqualTo(BlindSpot.UNREADABLE);
    }

    @Test
    void aPathThatIsTooLongWithItsTreesNameIsUnknownAndNotAnError() {
        // A scan by directory handles meets paths as long as a tree allows; the manifest adds the tree's name.
        var name = "a".repeat(254);
        var deep = (name + "/").repeat(16) + "b".repeat(10);
        var inventory = inventory(new Finding.RegularFile(EntryPath.of(deep), new Stamp(1, 2, 3, 4), 0640, CONTENT));

        var seen = View.of(Map.of("server", inventory), View.empty());

        assertThat(seen.manifest().entries()).hasSize(1);
        assertThat(seen.isComplete()).isFalse();
        var parent = EntryPath.of("server").resolve(EntryPath.of(deep).parent().orElseThrow());
        assertThat(seen.blindAt(parent)).isEqualTo(BlindSpot.UNREADABLE);
    }

    @Test
    void aLinkBesideTheReferenceHidesNothingOfIt() {
        var reference = manifest(file("server/a", "1"));

        assertThat(View.of(reference).canTellAll(reference)).isTrue();
        assertThat(blind(reference, "server/link", BlindSpot.SPECIAL).canTellAll(reference))
                .isTrue();
        assertThat(blind(reference, "server/a", BlindSpot.SPECIAL).canTellAll(reference))
                .isFalse();
        assertThat(blind(reference, "server/new", BlindSpot.UNREADABLE).canTellAll(reference))
                .isFalse();
        assertThat(blind(reference, "server/new", BlindSpot.UNSTABLE).canTellAll(reference))
                .isFalse();
    }

    @Test
    void anEmptyViewIsComplete() {
        assertThat(View.empty().isComplete()).isTrue();
        assertThat(View.empty().manifest()).isEqualTo(Manifest.empty());
        assertThat(View.empty().blindAt(EntryPath.of("a"))).isNull();
    }

    @Test
    void aFileThatAGatewayRenamedIsNotAbsent() {
        var seen = View.of(
                Map.of(
                        "server",
                        inventory(
                                new Finding.Reported(EntryPath.of("a.xml.back"), EntryType.FILE),
                                new Finding.Reported(EntryPath.of("b.xml.1.back"), EntryType.FILE),
                                regular("c.xml"),
                                new Finding.Reported(EntryPath.of("c.xml.back"), EntryType.FILE))),
                View.empty());

        assertThat(seen.blindAt(EntryPath.of("server/a.xml"))).isEqualTo(BlindSpot.BACKED_UP);
        assertThat(seen.blindAt(EntryPath.of("server/b.xml"))).isEqualTo(BlindSpot.BACKED_UP);
        assertThat(seen.blindAt(EntryPath.of("server/c.xml"))).isNull();
    }

    @Test
    void aGenerationKeepsAFileThatAGatewayRenamed() {
        var reference =
                RandomTrees.manifest(RandomTrees.file("server/a.xml", "1"), RandomTrees.file("server/c.xml", "1"));
        var spots = new TreeMap<EntryPath, BlindSpot>();
        spots.put(EntryPath.of("server/a.xml"), BlindSpot.BACKED_UP);
        var renamed = new View(RandomTrees.manifest(RandomTrees.file("server/c.xml", "1")), spots);

        var next = NextManifest.after(reference, renamed, renamed);

        assertThat(next.manifest()).isEqualTo(reference);
        assertThat(next.heldBack())
                .containsExactly(new HeldBack(EntryPath.of("server/a.xml"), HeldBack.Why.BACKED_UP, ""));
        assertThat(renamed.canTellAll(reference)).isFalse();
        // To an apply it is as it should be: written again, the Gateway would only rename it again.
        assertThat(renamed.withBackedUpAs(reference).manifest()).isEqualTo(reference);
    }

    private static Finding regular(String path) {
        return new Finding.RegularFile(EntryPath.of(path), new Stamp(1, 1, 1, 1), 0644, CONTENT);
    }

    private static View blind(Manifest seen, String path, BlindSpot kind) {
        var spots = new TreeMap<EntryPath, BlindSpot>();
        spots.put(EntryPath.of(path), kind);
        return new View(seen, spots);
    }

    private static Inventory inventory(Finding... findings) {
        return new Inventory(List.of(findings), 0, 0, 0);
    }
}
