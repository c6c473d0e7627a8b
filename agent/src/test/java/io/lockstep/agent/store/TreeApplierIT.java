package io.lockstep.agent.store;

import static io.lockstep.agent.store.TreeOnDisk.directory;
import static io.lockstep.agent.store.TreeOnDisk.file;
import static io.lockstep.agent.store.TreeOnDisk.manifest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.store.ApplyOutcome.Applied;
import io.lockstep.agent.store.KeptEntry.Why;
import io.lockstep.agent.store.PathResult.Effect;
import io.lockstep.agent.store.PathResult.Kept;
import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeApplierIT {
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

    private static PathResult only(ApplyOutcome outcome) {
        assertThat(applied(outcome).results()).hasSize(1);
        return applied(outcome).results().get(0);
    }

    @Test
    void aTreeBecomesTheGenerationWithExactBytesModesAndTimes() {
        var known = manifest(file("api/old.xml", "old"), file("api/gone.xml", "gone"), file("dir/x", "x"));
        at.write("api/old.xml", "old");
        at.write("api/gone.xml", "gone");
        at.write("dir/x", "x");
        at.stage("new", "odd", "empty dir's neighbour", "");
        var wanted = manifest(
                file("api/old.xml", "new", 0600, -1_234_567_891L),
                file("odd/a b\\x0a\\xff.xml", "odd", 0755, 4_102_444_800_123_456_789L),
                file("empty.xml", ""),
                file("n".repeat(255), "empty dir's neighbour"),
                directory("empty", 0700),
                directory("group", 0775));

        var outcome = applied(at.applier(DISK).apply(at.request(wanted, known)));

        assertThat(outcome.unsettled()).isEmpty();
        assertThat(at.look()).isEqualTo(View.of(wanted));
        assertThat(at.namesInTmp()).isEmpty();
        assertThat(at.conflicts()).isEmpty();
        assertThat(at.trash())
                .extracting(KeptEntry::path)
                .containsExactlyInAnyOrder(
                        TreeOnDisk.path("api/old.xml"), TreeOnDisk.path("api/gone.xml"), TreeOnDisk.path("dir/x"));
    }

    @Test
    void aTreeThatIsTheGenerationIsNotTouched() {
        at.write("api/a.xml", "a");
        var calls = new FaultyCalls();

        var outcome = applied(at.applier(calls).apply(at.request(manifest(file("api/a.xml", "a")))));

        assertThat(outcome.results()).isEmpty();
        assertThat(calls.calls()).noneMatch(call -> !call.startsWith("mkdir tmp") && !call.equals("fsync directory"));
    }

    @Test
    void replacedContentOfAGenerationGoesToTheTrashAsItWas() throws IOException {
        var before = file("api/a.xml", "before", 0604, 1_600_000_000_123_456_789L);
        TreeOnDisk.write(at.tree, "api/a.xml", "before", before.mode(), before.mtimeNanos());
        at.stage("after");

        var result = only(at.applier(DISK).apply(at.request(manifest(file("api/a.xml", "after")), manifest(before))));

        assertThat(result.kept()).isEqualTo(Kept.TRASH);
        var kept = at.trash().get(0);
        assertThat(kept.why()).isEqualTo(Why.REPLACED);
        assertThat(kept.generation()).isEqualTo(StoreFixture.GENERATION);
        assertThat(kept.when()).isEqualTo(StoreFixture.NOW);
        assertThat(kept.digest()).isEqualTo(before.digest());
        assertThat(kept.content()).hasContent("before");
        var onDisk = TreeOnDisk.look(at.work.resolve("trash/1.7"))
                .manifest()
                .find(EntryPath.of("server/" + kept.content().getFileName()))
                .orElseThrow();
        assertThat(onDisk.mode()).isEqualTo(0604);
        assertThat(onDisk.mtimeNanos()).isEqualTo(before.mtimeNanos());
    }

    @Test
    void contentThatNoGenerationHadGoesToTheConflictStore() {
        at.write("api/a.xml", "somebody's");
        at.write("api/extra.xml", "somebody's too");
        at.stage("wanted");

        var outcome = applied(at.applier(DISK)
                .apply(at.request(manifest(file("api/a.xml", "wanted")), manifest(file("api/a.xml", "known")))));

        assertThat(outcome.count(Kept.CONFLICT)).isEqualTo(2);
        assertThat(at.trash()).isEmpty();
        assertThat(at.conflicts())
                .extracting(KeptEntry::path, KeptEntry::why)
                .containsExactlyInAnyOrder(
                        tuple(TreeOnDisk.path("api/a.xml"), Why.REPLACED),
                        tuple(TreeOnDisk.path("api/extra.xml"), Why.REMOVED));
    }

    @Test
    void contentKnownAtAnotherPathIsStillSomebodysWriteHere() {
        at.write("api/a.xml", "of b");
        at.stage("wanted");

        var wanted = manifest(file("api/a.xml", "wanted"));
        only(at.applier(DISK).apply(at.request(wanted, manifest(file("api/b.xml", "of b")))));

        assertThat(at.conflicts()).hasSize(1);
    }

    @Test
    void aFileWrittenBetweenScanAndApplyEndsInTheConflictStore() {
        var known = manifest(file("a.xml", "known"), file("deleted.xml", "known"));
        at.write("a.xml", "known");
        at.write("deleted.xml", "known");
        at.stage("wanted", "new");
        var wanted = manifest(file("a.xml", "wanted"), file("new.xml", "new"));
        var request = at.request(wanted, known);
        at.write("a.xml", "written since");
        at.write("deleted.xml", "written since, too");
        at.write("new.xml", "and this");

        var outcome = applied(at.applier(DISK).apply(request));

        assertThat(outcome.count(Kept.CONFLICT)).isEqualTo(3);
        assertThat(at.look()).isEqualTo(View.of(wanted));
        assertThat(at.conflicts())
                .extracting(entry -> Files.readString(entry.content()))
                .containsExactlyInAnyOrder("written since", "written since, too", "and this");
    }

    @Test
    void aFileWrittenJustBeforeTheExchangeEndsInTheConflictStore() {
        at.write("a.xml", "known");
        at.stage("wanted");
        var calls = new FaultyCalls().before("EXCHANGE", () -> at.write("a.xml", "in the last moment"));

        var wanted = manifest(file("a.xml", "wanted"));
        only(at.applier(calls).apply(at.request(wanted, manifest(file("a.xml", "known")))));

        assertThat(at.look()).isEqualTo(View.of(wanted));
        assertThat(at.conflicts())
                .singleElement()
                .satisfies(entry -> assertThat(entry.content()).hasContent("in the last moment"));
    }

    @Test
    void aWrongModeOrTimeIsRepairedInPlace() throws IOException {
        at.write("a.xml", "same");
        var inode = Files.getAttribute(at.tree.resolve("a.xml"), "unix:ino");
        var wanted = manifest(file("a.xml", "same", 0600, 5));

        var result = only(at.applier(DISK).apply(at.request(wanted)));

        assertThat(result).isEqualTo(PathResult.done(TreeOnDisk.path("a.xml"), Kept.NOTHING));
        assertThat(Files.getAttribute(at.tree.resolve("a.xml"), "unix:ino")).isEqualTo(inode);
        assertThat(at.look()).isEqualTo(View.of(wanted));
    }

    @Test
    void withoutExchangeTheOldFileIsLinkedAndReplaced() {
        at.write("a.xml", "known");
        at.write("b.xml", "foreign");
        at.stage("wanted a", "wanted b", "new");
        var wanted = manifest(file("a.xml", "wanted a"), file("b.xml", "wanted b"), file("c.xml", "new"));
        var calls = new FaultyCalls().withoutRenameFlags();

        var outcome = applied(at.applier(calls).apply(at.request(wanted, manifest(file("a.xml", "known")))));

        assertThat(outcome.unsettled()).isEmpty();
        assertThat(at.look()).isEqualTo(View.of(wanted));
        assertThat(at.trash()).extracting(KeptEntry::path).containsExactly(TreeOnDisk.path("a.xml"));
        assertThat(at.conflicts()).extracting(KeptEntry::path).containsExactly(TreeOnDisk.path("b.xml"));
        assertThat(at.namesInTmp()).isEmpty();
    }

    @Test
    void anApiComesAfterWhatItRefersToAndGoesBefore() {
        at.write("default/api/old.xml", "old");
        at.write("default/endpoints/old.xml", "old");
        at.stage("new");
        var calls = new FaultyCalls();

        applied(at.applier(calls)
                .apply(at.request(manifest(
                        file("default/api/1.xml", "new"),
                        file("default/zzz/4.xml", "new"),
                        file("default/endpoints/3.xml", "new"),
                        file("default/sequences/2.xml", "new"),
                        file("default/local-entries/5.xml", "new")))));

        assertThat(calls.calls().stream()
                        .filter(call -> call.startsWith("REFUSE") || call.endsWith(".old"))
                        .map(call -> call.replaceAll(".* ([0-9a-z]+\\.xml)( .*)?$", "$1"))
                        .toList())
                .containsExactly("5.xml", "3.xml", "2.xml", "4.xml", "1.xml", "old.xml", "old.xml");
        assertThat(at.conflicts())
                .extracting(KeptEntry::path)
                .containsExactly(TreeOnDisk.path("default/api/old.xml"), TreeOnDisk.path("default/endpoints/old.xml"));
    }

    @Test
    void contentThatTheStageLacksStopsTheApplyBeforeItBegins() {
        at.write("a.xml", "a");
        at.stage("b");
        var wanted = manifest(file("b.xml", "b"), file("c.xml", "c"));

        var outcome = at.applier(DISK).apply(at.request(wanted));

        assertThat(outcome).isEqualTo(new ApplyOutcome.ContentMissing(List.of(file("c.xml", "c"))));
        assertThat(TreeOnDisk.contents(at.tree)).containsOnlyKeys("a.xml");
    }

    @Test
    void damagedStageContentNeverReachesTheTree() throws IOException {
        at.stage("good");
        var digest = file("a.xml", "good").digest().orElseThrow();
        Files.writeString(at.work.resolve("stage").resolve(digest.toString()), "evil");

        var result = only(at.applier(DISK).apply(at.request(manifest(file("a.xml", "good")))));

        assertThat(result.effect()).isEqualTo(Effect.CONTENT_MISSING);
        assertThat(TreeOnDisk.contents(at.tree)).isEmpty();
        assertThat(at.namesInTmp()).isEmpty();
        assertThat(at.stage.has(digest)).isFalse();
    }

    @Test
    void aPlanThatDoesNotFitIsNotBegun() {
        at.write("a.xml", "a");
        var seen = at.look();
        var digest = file("a.xml", "a").digest().orElseThrow();
        at.stage("a");
        var huge = ManifestEntry.file(TreeOnDisk.path("huge.car"), 0644, 1L << 60, 0, digest);

        var outcome =
                at.applier(DISK).apply(new ApplyRequest(StoreFixture.GENERATION, manifest(huge), seen, List.of()));

        assertThat(outcome).isInstanceOf(ApplyOutcome.NoRoom.class);
        assertThat(TreeOnDisk.contents(at.tree)).containsOnlyKeys("a.xml");
    }

    @Test
    void aGenerationThatDoesNotSpeakOfTheTreeEmptiesNothing() {
        at.write("a.xml", "a");

        var outcome = at.applier(DISK)
                .apply(new ApplyRequest(StoreFixture.GENERATION, Manifest.empty(), at.look(), List.of()));

        assertThat(outcome).isEqualTo(new ApplyOutcome.TreeNotInGeneration("server"));
        assertThat(at.tree.resolve("a.xml")).exists();
    }

    @Test
    void anIllDiskStopsTheApplyAndIsNamed() {
        at.write("a.xml", "known");
        at.write("b.xml", "known");
        at.stage("wanted");
        var calls = new FaultyCalls().refusingExchange(Errno.EIO);

        var outcome = at.applier(calls)
                .apply(at.request(
                        manifest(file("a.xml", "wanted"), file("b.xml", "wanted")),
                        manifest(file("a.xml", "known"), file("b.xml", "known"))));

        assertThat(outcome).isInstanceOfSatisfying(ApplyOutcome.Stopped.class, stopped -> {
            assertThat(stopped.failure().errno()).isEqualTo(Errno.EIO);
            assertThat(stopped.failure().message()).contains("a.xml", "EIO");
        });
        assertThat(at.tree.resolve("a.xml")).hasContent("known");
    }

    @Test
    void whatNobodyExplainsInTmpIsPreserved() throws IOException {
        Files.createDirectories(at.tmp.resolve("3.old"));
        Files.writeString(at.tmp.resolve("3.old/inner"), "inner");
        Files.writeString(at.tmp.resolve("strange"), "strange");
        Files.writeString(at.tmp.resolve("9.new"), "known");
        Files.writeString(at.tmp.resolve("4.part"), "tor");
        Files.writeString(at.tmp.resolve("journal"), "{\"generation\":");

        var recovery = at.applier(DISK).recover(new GenerationId(2, 9), List.of(manifest(file("x", "known"))));

        assertThat(recovery).isEqualTo(new TreeApplier.Recovery.Recovered(1, 1, 3));
        assertThat(at.namesInTmp()).isEmpty();
        assertThat(at.trash()).singleElement().satisfies(entry -> {
            assertThat(entry.generation()).isEqualTo(new GenerationId(2, 9));
            assertThat(entry.why()).isEqualTo(Why.RECOVERED);
        });
    }
}
