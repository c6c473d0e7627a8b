package io.lockstep.agent.store;

import static io.lockstep.agent.store.TreeOnDisk.directory;
import static io.lockstep.agent.store.TreeOnDisk.file;
import static io.lockstep.agent.store.TreeOnDisk.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.store.ApplyOutcome.Applied;
import io.lockstep.agent.store.KeptEntry.Why;
import io.lockstep.agent.store.PathResult.Effect;
import io.lockstep.agent.store.PathResult.Kept;
import io.lockstep.artifact.EntryType;
import io.lockstep.generation.View;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees in which something else stands than the generation has, or than the scan saw. */
class ObstructedApplyIT {
    private static final DurableCalls DISK = DurableCalls.DIRECT;

    @TempDir
    Path base;

    @SuppressWarnings("NullAway.Init")
    private StoreFixture at;

    @BeforeEach
    void makeFixture() {
        at = new StoreFixture(base);
    }

    private static Applied applied(ApplyOutcome outcome) {
        assertThat(outcome).isInstanceOf(Applied.class);
        return (Applied) outcome;
    }

    @Test
    void aLinkedDirectoryIsMovedAsideAndWhatItLeadsToStays() throws IOException {
        TreeOnDisk.write(at.outside, "secret.xml", "not ours");
        Files.createSymbolicLink(at.tree.resolve("api"), at.outside);
        at.stage("wanted");
        var wanted = manifest(file("api/secret.xml", "wanted"));

        var outcome = applied(at.applier(DISK).apply(at.request(wanted)));

        assertThat(outcome.unsettled()).isEmpty();
        assertThat(at.look()).isEqualTo(View.of(wanted));
        assertThat(at.outside.resolve("secret.xml")).hasContent("not ours");
        assertThat(at.conflicts()).singleElement().satisfies(entry -> {
            assertThat(entry.type()).isEqualTo(EntryType.SYMLINK);
            assertThat(Files.readSymbolicLink(entry.content())).isEqualTo(at.outside);
        });
    }

    @Test
    void aDirectoryThatBecameALinkSinceTheScanIsNotFollowed() throws IOException {
        var known = manifest(file("api/a.xml", "known"), file("api/b.xml", "known"));
        at.write("api/a.xml", "known");
        at.write("api/b.xml", "known");
        at.stage("wanted", "new");
        var request = at.request(manifest(file("api/a.xml", "wanted"), file("api/c.xml", "new")), known);
        Files.move(at.tree.resolve("api"), at.outside.resolve("api"));
        Files.createSymbolicLink(at.tree.resolve("api"), at.outside.resolve("api"));
        var before = TreeOnDisk.look(at.outside);

        var outcome = applied(at.applier(DISK).apply(request));

        assertThat(TreeOnDisk.look(at.outside)).isEqualTo(before);
        assertThat(outcome.results()).allMatch(result -> result.effect() == Effect.BLOCKED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsNoFileWhereAFileShouldBeIsMovedAsideWhole(boolean exchange) throws Exception {
        at.write("dir.xml/deep/inner", "inner");
        Files.createSymbolicLink(at.tree.resolve("link.xml"), at.outside.resolve("nothing"));
        assertThat(new ProcessBuilder("mkfifo", at.tree.resolve("fifo.xml").toString())
                        .start()
                        .waitFor())
                .isZero();
        at.stage("wanted");
        var seen = View.empty();
        var wanted = manifest(file("dir.xml", "wanted"), file("link.xml", "wanted"), file("fifo.xml", "wanted"));
        var calls = exchange ? new FaultyCalls() : new FaultyCalls().withoutRenameFlags();

        var outcome =
                applied(at.applier(calls).apply(new ApplyRequest(StoreFixture.GENERATION, wanted, seen, List.of())));

        assertThat(outcome.count(Kept.CONFLICT)).isEqualTo(3);
        assertThat(at.look()).isEqualTo(View.of(wanted));
        assertThat(at.conflicts())
                .extracting(KeptEntry::type)
                .containsExactlyInAnyOrder(EntryType.DIRECTORY, EntryType.SYMLINK, EntryType.FIFO);
        assertThat(at.conflicts()).extracting(KeptEntry::why).containsOnly(Why.OBSTACLE);
        var directory = at.conflicts().stream()
                .filter(entry -> entry.type() == EntryType.DIRECTORY)
                .findFirst()
                .orElseThrow();
        assertThat(directory.content().resolve("deep/inner")).hasContent("inner");
    }

    @ParameterizedTest
    @EnumSource
    void aDirectoryThatBecomesAFileIsClearedFileByFile(ForeignContent foreign) {
        var known = manifest(file("dir.xml/deep/inner", "inner"), directory("dir.xml/empty", 0755));
        at.write("dir.xml/deep/inner", "inner");
        TreeOnDisk.makeDirectory(at.tree, "dir.xml/empty", 0755);
        at.stage("wanted");
        var wanted = manifest(file("dir.xml", "wanted"));

        var outcome = applied(at.applier(DISK, foreign).apply(at.request(wanted, known)));

        assertThat(outcome.unsettled()).isEmpty();
        assertThat(at.look()).isEqualTo(View.of(wanted));
        assertThat(at.conflicts()).isEmpty();
        assertThat(at.trash()).extracting(KeptEntry::path).containsExactly(TreeOnDisk.path("dir.xml/deep/inner"));
    }

    @Test
    void aFileWhereADirectoryShouldBeMakesWay() {
        at.write("known", "known");
        at.write("foreign", "foreign");
        at.stage("x", "y");
        var wanted = manifest(file("known/x", "x"), file("foreign/y", "y"));

        applied(at.applier(DISK).apply(at.request(wanted, manifest(file("known", "known")))));

        assertThat(at.look()).isEqualTo(View.of(wanted));
        assertThat(at.trash()).extracting(KeptEntry::path).containsExactly(TreeOnDisk.path("known"));
        assertThat(at.conflicts()).extracting(KeptEntry::path).containsExactly(TreeOnDisk.path("foreign"));
    }

    @Test
    void aDirectoryThatStillHoldsSomethingStays() throws IOException {
        at.write("dir/known", "known");
        var request = at.request(manifest(), manifest(file("dir/known", "known")));
        Files.writeString(at.tree.resolve("dir/unseen"), "unseen");

        var outcome = applied(at.applier(DISK).apply(request));

        assertThat(outcome.results()).extracting(PathResult::effect).containsExactly(Effect.DONE, Effect.NOT_EMPTY);
        assertThat(at.tree.resolve("dir/unseen")).hasContent("unseen");
    }

    @Test
    void whatTheScanCouldNotSeeIsNeverRemoved() {
        at.write("unseen/a.xml", "a");
        at.write("unreadable/b.xml", "b");
        at.write("seen.xml", "seen");
        var blind = new TreeMap<>(Map.of(TreeOnDisk.path("unreadable"), View.BlindSpot.UNREADABLE));
        var seen = new View(manifest(file("seen.xml", "seen")), blind);

        applied(at.applier(DISK).apply(new ApplyRequest(StoreFixture.GENERATION, manifest(), seen, List.of())));

        assertThat(TreeOnDisk.contents(at.tree)).containsOnlyKeys("unreadable/b.xml", "unseen/a.xml");
    }
}
