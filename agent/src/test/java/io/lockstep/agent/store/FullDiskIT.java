package io.lockstep.agent.store;

import static io.lockstep.agent.store.TreeOnDisk.file;
import static io.lockstep.agent.store.TreeOnDisk.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.posix.Errno;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real file system that is full or turns read-only: a small tmpfs, which only root can mount. */
class FullDiskIT {
    private static final String BIG = "x".repeat(256 * 1024);
    private static final int INODES = 64;

    @TempDir
    Path base;

    private boolean mounted;

    @BeforeEach
    void mountSmallDisk() throws Exception {
        var disk = Files.createDirectory(base.resolve("disk"));
        mounted = run("mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=" + INODES, "tmpfs", disk.toString()) == 0;
        Assumptions.assumeTrue(mounted, "needs root and the right to mount a tmpfs");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertThat(run("umount", base.resolve("disk").toString())).isZero();
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        return process.waitFor();
    }

    private StoreFixture onTheSmallDisk() {
        return new StoreFixture(base.resolve("disk"));
    }

    @Test
    void aDiskThatFillsUpDuringAnApplyStopsItAndNothingIsLost() throws Exception {
        var filler = base.resolve("disk/filler");
        stopsAndGoesOn(Errno.ENOSPC, () -> fill(filler), () -> Files.delete(filler));
    }

    @Test
    void aDiskThatRunsOutOfInodesDuringAnApplyStopsItAndNothingIsLost() throws Exception {
        var names = Files.createDirectory(base.resolve("disk/names"));
        stopsAndGoesOn(Errno.ENOSPC, () -> takeInodes(names), () -> PathUtils.deleteDirectory(names));
    }

    @Test
    void aDiskThatTurnsReadOnlyDuringAnApplyStopsItAndNothingIsLost() throws Exception {
        stopsAndGoesOn(new Errno(30), () -> remount("ro"), () -> remount("rw"));
    }

    private interface Mend {
        void run() throws IOException;
    }

    /** Has the disk get ill when the first file has its new content and the second has not. */
    private void stopsAndGoesOn(Errno errno, Runnable illness, Mend mend) throws IOException {
        var at = onTheSmallDisk();
        at.write("a.xml", "known");
        at.write("b.xml", "somebody's");
        at.stage("new a", BIG);
        var wanted = manifest(file("a.xml", "new a"), file("b.xml", BIG));
        var known = manifest(file("a.xml", "known"));
        var existed = at.preserved();

        var outcome =
                at.applier(new FaultyCalls().before("create 1.part", illness)).apply(at.request(wanted, known));

        assertThat(outcome).isInstanceOfSatisfying(ApplyOutcome.Stopped.class, stopped -> {
            assertThat(stopped.failure().errno()).isEqualTo(errno);
            assertThat(stopped.failure().place()).contains("1.part");
        });
        assertThat(at.tree.resolve("a.xml")).hasContent("new a");
        assertThat(at.tree.resolve("b.xml")).hasContent("somebody's");
        assertThat(at.preserved()).containsAll(existed);

        mend.run();
        assertThat(at.applier(DurableCalls.DIRECT).apply(at.request(wanted, known)))
                .isInstanceOf(ApplyOutcome.Applied.class);
        assertThat(at.look()).isEqualTo(View.of(wanted));
        assertThat(at.preserved()).containsAll(existed);
    }

    private void remount(String how) {
        try {
            assertThat(run("mount", "-o", "remount," + how, base.resolve("disk").toString()))
                    .isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void takeInodes(Path directory) {
        try {
            for (int i = 0; i < INODES; i++) {
                Files.createFile(directory.resolve(Integer.toString(i)));
            }
            throw new IllegalStateException("there are more than " + INODES + " inodes");
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space");
        }
    }

    private static void fill(Path filler) {
        try (var out = Files.newOutputStream(filler)) {
            var block = new byte[4096];
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            if (!Files.exists(filler)) {
                throw new UncheckedIOException(full);
            }
        }
    }

    @Test
    void tooFewBytesOrInodesAreSeenBeforehand() {
        var at = onTheSmallDisk();
        at.stage(BIG, "s");
        var many = new ManifestEntry[60];
        for (int i = 0; i < many.length; i++) {
            many[i] = file("f" + i, "s");
        }

        assertThat(at.applier(DurableCalls.DIRECT)
                        .apply(at.request(manifest(file("1", BIG), file("2", BIG), file("3", BIG), file("4", BIG)))))
                .isInstanceOf(ApplyOutcome.NoRoom.class);
        assertThat(at.applier(DurableCalls.DIRECT).apply(at.request(manifest(many))))
                .isInstanceOf(ApplyOutcome.NoRoom.class);
        assertThat(TreeOnDisk.contents(at.tree)).isEmpty();
    }

    @Test
    void aStageOnAFullDiskSaysSoAndKeepsNothingTorn() throws IOException {
        var at = onTheSmallDisk();
        TreeOnDisk.write(base, "source/a.car", BIG.repeat(8));

        var outcome = new TreeCopy(at.stage).copy(base.resolve("source"), List.of(file("a.car", BIG.repeat(8))));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        TreeCopy.CopyOutcome.Stopped.class,
                        stopped -> assertThat(stopped.failure().errno()).isEqualTo(Errno.ENOSPC));
        assertThat(TreeOnDisk.contents(at.work.resolve("stage"))).isEmpty();
    }

    @Test
    void aTreeOnAnotherFileSystemThanTheStoreIsAppliedToAsAShareIs() {
        var at = new StoreFixture(base.resolve("disk"), base.resolve("work"));
        at.write("a.xml", "known");
        at.write("gone.xml", "gone");
        at.stage("new");
        var wanted = manifest(file("a.xml", "new"));

        var outcome = at.applier(DurableCalls.DIRECT, ForeignContent.LEAVE_ALONE)
                .apply(at.request(wanted, manifest(file("a.xml", "known"), file("gone.xml", "gone"))));

        assertThat(outcome).isInstanceOf(ApplyOutcome.Applied.class);
        assertThat(at.look()).isEqualTo(View.of(wanted));
        assertThat(at.trash())
                .extracting(entry -> Files.readString(entry.content()))
                .containsExactlyInAnyOrder("known", "gone");
        assertThat(at.namesInTmp()).isEmpty();
    }
}
