package io.lockstep.agent.store;

import static io.lockstep.agent.store.TreeOnDisk.directory;
import static io.lockstep.agent.store.TreeOnDisk.file;
import static io.lockstep.agent.store.TreeOnDisk.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.store.ApplyOutcome.Applied;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Ends the process before every single call of an apply that changes the disk, and of the recovery after; or has the disk
 * refuse the call.
 */
class CrashedApplyIT {
    private static final Manifest KNOWN = manifest(
            file("default/api/a.xml", "old a"),
            file("default/sequences/s.xml", "old s"),
            file("default/endpoints/gone.xml", "gone"),
            file("attributes.xml", "same", 0600, 1),
            file("dir/x", "x"));

    private static final Manifest WANTED = manifest(
            file("default/api/a.xml", "new a"),
            file("default/sequences/s.xml", "new s"),
            file("default/local-entries/odd \\xff\\x0a.xml", "new odd"),
            file("attributes.xml", "same", 0644, 7),
            file("obstacle.xml", "new o"),
            directory("was-a-link", 0750));

    @TempDir
    Path base;

    private int runs;

    private enum FileSystem {
        WITH_EXCHANGE,
        WITHOUT_RENAME_FLAGS;

        FaultyCalls calls() {
            return this == WITH_EXCHANGE ? new FaultyCalls() : new FaultyCalls().withoutRenameFlags();
        }
    }

    /** The tree as {@link #KNOWN} has it, and some writes of others that no generation knows. */
    private StoreFixture newFixture() throws IOException {
        var at = new StoreFixture(base.resolve("run" + runs++));
        at.write("default/api/a.xml", "old a");
        at.write("default/sequences/s.xml", "somebody's s");
        at.write("default/endpoints/gone.xml", "gone");
        at.write("default/endpoints/extra.xml", "somebody's extra");
        TreeOnDisk.write(at.tree, "attributes.xml", "same", 0600, 1);
        at.write("dir/x", "x");
        at.write("obstacle.xml/inner", "inner");
        TreeOnDisk.write(at.outside, "untouched", "untouched");
        Files.createSymbolicLink(at.tree.resolve("was-a-link"), at.outside);
        at.stage("new a", "new s", "new odd", "new o");
        return at;
    }

    @ParameterizedTest
    @EnumSource
    void killedAnywhereNothingIsLostOrTornAndTheNextStartEndsIt(FileSystem fileSystem) throws IOException {
        int total = countCalls(fileSystem);
        assertThat(total).isGreaterThan(80);
        for (int killed = 0; killed < total; killed++) {
            var run = killedRun(fileSystem, killed);

            var recovery = recover(run.at(), fileSystem.calls());

            assertThat(recovery).isInstanceOf(TreeApplier.Recovery.Recovered.class);
            assertThat(run.at().namesInTmp()).isEmpty();
            assertThat(run.at().preserved()).as("killed before call %d", killed).containsAll(run.existed());
            finish(run, fileSystem);
        }
    }

    @ParameterizedTest
    @EnumSource
    void killedAgainWhileRecoveringNothingIsLost(FileSystem fileSystem) throws IOException {
        int total = countCalls(fileSystem);
        for (int killed = 0; killed < total; killed += 23) {
            boolean died = true;
            for (int again = 0; died; again++) {
                var run = killedRun(fileSystem, killed);
                var calls = fileSystem.calls().killBefore(again);

                died = isKilled(() -> recover(run.at(), calls));

                assertFinalNamesAreOldOrNew(run);
                finish(run, fileSystem);
            }
        }
    }

    private enum Refusal {
        FULL,
        READ_ONLY,
        BROKEN;

        Errno errno() {
            return switch (this) {
                case FULL -> Errno.ENOSPC;
                case READ_ONLY -> new Errno(30);
                case BROKEN -> Errno.EIO;
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDiskThatRefusesFromAnyCallOnStopsTheApplyAndLosesNothing(Refusal refusal) throws IOException {
        int total = countCalls(FileSystem.WITH_EXCHANGE);
        int stopped = 0;
        for (int index = 0; index < total; index++) {
            var calls = new FaultyCalls().refusingFrom(index, refusal.errno());
            if (refusedRun(index, calls) instanceof ApplyOutcome.Stopped stop) {
                assertThat(stop.failure().errno()).isEqualTo(refusal.errno());
                assertThat(stop.failure().place()).isNotEmpty();
                stopped++;
            }
        }
        // A full disk does not refuse the last calls, which only take away.
        assertThat(stopped).isGreaterThan(total * 9 / 10);
    }

    @ParameterizedTest
    @EnumSource
    void aDiskThatRefusesAnyOneCallLosesNothing(Refusal refusal) throws IOException {
        int total = countCalls(FileSystem.WITH_EXCHANGE);
        for (int index = 0; index < total; index++) {
            refusedRun(index, new FaultyCalls().refusingOnly(index, refusal.errno()));
        }
    }

    private ApplyOutcome refusedRun(int index, FaultyCalls calls) throws IOException {
        var at = newFixture();
        var run = new Run(at, at.look(), at.preserved());

        var outcome = at.applier(calls).apply(request(run.before()));

        // What was taken out and could not be stored waits beside the tree, for the next apply to store it.
        var preserved = at.preserved();
        preserved.addAll(TreeOnDisk.contents(at.tmp).values());
        assertThat(preserved).as("%s, refused at call %d", outcome, index).containsAll(run.existed());
        assertFinalNamesAreOldOrNew(run);
        finish(run, FileSystem.WITH_EXCHANGE);
        return outcome;
    }

    /** A tree in which an apply was killed, with what it was before and the digests of everything that existed. */
    private record Run(StoreFixture at, View before, Set<Digest> existed) {}

    private Run killedRun(FileSystem fileSystem, int killBefore) throws IOException {
        var at = newFixture();
        var run = new Run(at, at.look(), at.preserved());
        var calls = fileSystem.calls().killBefore(killBefore);
        assertThat(isKilled(() -> at.applier(calls).apply(request(run.before()))))
                .isTrue();
        assertFinalNamesAreOldOrNew(run);
        return run;
    }

    private static TreeApplier.Recovery recover(StoreFixture at, FaultyCalls calls) {
        return at.applier(calls).recover(StoreFixture.GENERATION, List.of(KNOWN, WANTED));
    }

    private static boolean isKilled(Runnable body) {
        try {
            body.run();
            return false;
        } catch (FaultyCalls.Killed killed) {
            return true;
        }
    }

    private int countCalls(FileSystem fileSystem) throws IOException {
        var at = newFixture();
        var calls = fileSystem.calls();
        assertThat(at.applier(calls).apply(request(at.look()))).isInstanceOf(Applied.class);
        delete(at);
        return calls.calls().size();
    }

    private static ApplyRequest request(View seen) {
        return new ApplyRequest(StoreFixture.GENERATION, WANTED, seen, List.of(KNOWN));
    }

    private static void finish(Run run, FileSystem fileSystem) throws IOException {
        var at = run.at();
        var outcome = at.applier(fileSystem.calls()).apply(request(at.look()));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Applied.class,
                        applied -> assertThat(applied.unsettled()).isEmpty());
        assertThat(at.look()).isEqualTo(View.of(WANTED));
        assertThat(at.namesInTmp()).isEmpty();
        assertThat(at.tmp.resolve(Journal.NAME)).doesNotExist();
        assertThat(at.preserved()).containsAll(run.existed());
        assertThat(TreeOnDisk.contents(at.outside)).containsOnlyKeys("untouched");
        assertThat(at.conflicts())
                .extracting(KeptEntry::path)
                .contains(
                        TreeOnDisk.path("default/sequences/s.xml"),
                        TreeOnDisk.path("default/endpoints/extra.xml"),
                        TreeOnDisk.path("obstacle.xml/inner"),
                        TreeOnDisk.path("was-a-link"));
        // Nobody is told of a conflict over the agent's own torn copy.
        assertThat(at.conflicts())
                .allMatch(entry -> entry.digest().isEmpty()
                        || run.existed().contains(entry.digest().get()));
        assertThat(at.trash()).noneMatch(entry -> entry.path().equals(TreeOnDisk.path("default/endpoints/extra.xml")));
        delete(at);
    }

    private static void assertFinalNamesAreOldOrNew(Run run) {
        for (var entry : run.at().look().manifest().entries()) {
            var allowed = Stream.of(run.before().manifest(), WANTED)
                    .flatMap(manifest -> manifest.find(entry.path()).stream())
                    .map(ManifestEntry::digest)
                    .toList();
            assertThat(allowed).as("content of %s", entry.path()).contains(entry.digest());
        }
    }

    private static void delete(StoreFixture at) throws IOException {
        PathUtils.deleteDirectory(at.work.getParent());
    }
}
