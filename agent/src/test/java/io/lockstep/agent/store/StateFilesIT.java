package io.lockstep.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.store.StateFiles.Applied;
import io.lockstep.agent.store.StateFiles.AppliedMark;
import io.lockstep.agent.store.StateFiles.Opening;
import io.lockstep.agent.store.StateFiles.Raise;
import io.lockstep.agent.store.StateFiles.StoredManifest;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFilesIT {
    private static final GenerationId OLDER = new GenerationId(1, 99);
    private static final GenerationId NEWER = new GenerationId(2, 100);

    private static final Instant NOW = Instant.parse("2026-03-10T00:00:00Z");

    @TempDir
    Path base;

    private StateFiles open() {
        return open(DurableCalls.DIRECT);
    }

    private StateFiles open(DurableCalls calls) {
        var opening = StateFiles.open(base.resolve("state"), calls);
        assertThat(opening).isInstanceOf(Opening.Opened.class);
        return ((Opening.Opened) opening).state();
    }

    @Test
    void theAppliedMarkIsNeverLoweredNotEvenByARestart() throws IOException {
        var root = TreeOnDisk.manifest().root();
        var other = TreeOnDisk.manifest(TreeOnDisk.file("a", "a")).root();
        try (var state = open()) {
            assertThat(state.applied()).isEqualTo(new AppliedMark.None());
            assertThat(state.raiseApplied(OLDER, root)).isEqualTo(new Raise.Raised());
            assertThat(state.raiseApplied(NEWER, root)).isEqualTo(new Raise.Raised());
        }
        try (var state = open()) {
            var marked = new Applied(NEWER, root);
            assertThat(state.raiseApplied(OLDER, root)).isEqualTo(new Raise.Lower(marked));
            assertThat(state.raiseApplied(NEWER, other)).isEqualTo(new Raise.Lower(marked));
            assertThat(state.raiseApplied(NEWER, root)).isEqualTo(new Raise.Raised());
            assertThat(state.applied()).isEqualTo(new AppliedMark.Marked(marked));
        }
    }

    @Test
    void killedWhileRaisingTheMarkItIsOldOrNew() throws IOException {
        var root = TreeOnDisk.manifest().root();
        try (var state = open()) {
            state.raiseApplied(OLDER, root);
        }
        boolean killed = true;
        for (int n = 0; killed; n++) {
            killed = false;
            var calls = new FaultyCalls();
            try (var state = open(calls)) {
                calls.killBefore(calls.calls().size() + n);
                state.raiseApplied(NEWER, root);
            } catch (FaultyCalls.Killed e) {
                killed = true;
            }
            try (var state = open()) {
                assertThat(state.applied())
                        .isIn(
                                new AppliedMark.Marked(new Applied(OLDER, root)),
                                new AppliedMark.Marked(new Applied(NEWER, root)));
            }
        }
        try (var state = open()) {
            assertThat(state.applied()).isEqualTo(new AppliedMark.Marked(new Applied(NEWER, root)));
        }
    }

    @Test
    void aDamagedMarkIsNotTakenForNone() throws IOException {
        try (var state = open()) {
            Files.writeString(base.resolve("state/applied"), "{\"generation\":\"1.");

            assertThat(state.applied()).isInstanceOf(AppliedMark.Unreadable.class);
            assertThat(state.raiseApplied(NEWER, TreeOnDisk.manifest().root())).isInstanceOf(Raise.Failed.class);
        }
    }

    @Test
    void manifestsAreFoundByTheirRootAndOthersDropped() throws IOException {
        var a = TreeOnDisk.manifest(TreeOnDisk.file("a", "a"));
        var b = TreeOnDisk.manifest(TreeOnDisk.file("b \\xff", "b"));
        try (var state = open()) {
            assertThat(state.keepManifest(a)).isEmpty();
            assertThat(state.keepManifest(b)).isEmpty();
            assertThat(state.keepManifest(b)).isEmpty();

            assertThat(state.manifest(b.root())).isEqualTo(new StoredManifest.Found(b));
            assertThat(state.retainManifests(Set.of(a.root()), StateFiles.ManifestBounds.NONE))
                    .isEmpty();
            assertThat(state.manifest(a.root())).isEqualTo(new StoredManifest.Found(a));
            assertThat(state.manifest(b.root())).isEqualTo(new StoredManifest.Absent());
        }
    }

    @Test
    void aDamagedManifestIsSetAsideAndCanBeKeptAgain() throws IOException {
        var manifest = TreeOnDisk.manifest(TreeOnDisk.file("a", "a"));
        var other = TreeOnDisk.manifest(TreeOnDisk.file("b", "b"));
        try (var state = open()) {
            state.keepManifest(manifest);
            state.keepManifest(other);
            var file = base.resolve("state/manifests/" + manifest.root());
            Files.copy(base.resolve("state/manifests/" + other.root()), file, StandardCopyOption.REPLACE_EXISTING);

            assertThat(state.manifest(manifest.root()))
                    .isInstanceOfSatisfying(
                            StoredManifest.Damaged.class,
                            damaged -> assertThat(damaged.setAside()).exists());
            assertThat(state.manifest(manifest.root())).isEqualTo(new StoredManifest.Absent());
            assertThat(state.keepManifest(manifest)).isEmpty();
            Files.writeString(file, "LSMANIF1");
            assertThat(state.manifest(manifest.root())).isInstanceOf(StoredManifest.Damaged.class);
        }
    }

    @Test
    void twoAgentsCanNotShareAStateDirectory() throws IOException {
        var state = open();

        assertThat(StateFiles.open(base.resolve("state")))
                .isInstanceOfSatisfying(
                        Opening.InUse.class,
                        inUse -> assertThat(inUse.message())
                                .contains(base.resolve("state").toString(), "stop it"));

        state.close();
        open().close();
    }

    @Test
    void manifestsThatAreYoungOrNewestStayThoughNobodyNeedsThem() throws IOException {
        try (var state = open()) {
            var manifests = new ArrayList<Manifest>();
            for (int age = 0; age < 5; age++) {
                var manifest = TreeOnDisk.manifest(TreeOnDisk.file("a", "age " + age));
                manifests.add(manifest);
                assertThat(state.keepManifest(manifest)).isEmpty();
                Files.setLastModifiedTime(
                        base.resolve("state/manifests").resolve(manifest.root().toString()),
                        FileTime.from(NOW.minus(Duration.ofDays(age))));
            }
            var needed = Set.of(manifests.get(4).root());

            state.retainManifests(needed, new StateFiles.ManifestBounds(NOW.minus(Duration.ofHours(60)), 1));

            assertThat(manifests)
                    .extracting(it -> state.manifest(it.root()) instanceof StoredManifest.Found)
                    .containsExactly(true, true, true, false, true);
            state.retainManifests(Set.of(), new StateFiles.ManifestBounds(Instant.MAX, 1));
            assertThat(manifests)
                    .extracting(it -> state.manifest(it.root()) instanceof StoredManifest.Found)
                    .containsExactly(true, false, false, false, false);
        }
    }
}
