package io.lockstep.agent.store;

import static io.lockstep.agent.store.TreeOnDisk.directory;
import static io.lockstep.agent.store.TreeOnDisk.file;
import static io.lockstep.agent.store.TreeOnDisk.path;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.store.TreeCopy.CopyOutcome.Copied;
import io.lockstep.agent.store.TreeCopy.FileCopy;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeCopyIT {
    @TempDir
    Path base;

    @SuppressWarnings("NullAway.Init")
    private Path tree;

    @SuppressWarnings("NullAway.Init")
    private ContentStage stage;

    @BeforeEach
    void makeTree() throws IOException {
        tree = Files.createDirectory(base.resolve("tree"));
        stage = new ContentStage(base.resolve("stage"));
    }

    private List<FileCopy> copy(ManifestEntry... wanted) {
        var outcome = new TreeCopy(stage).copy(tree, List.of(wanted));
        assertThat(outcome).isInstanceOf(Copied.class);
        return ((Copied) outcome).files();
    }

    @Test
    void everyFileHasAnOutcomeOfItsOwn() throws IOException {
        TreeOnDisk.write(tree, "api/a.xml", "a");
        TreeOnDisk.write(tree, "api/odd \\xff\\x0a", "odd");
        TreeOnDisk.write(tree, "api/changed.xml", "now");
        TreeOnDisk.write(tree, "api/grown.xml", "longer than before");
        TreeOnDisk.write(tree, "api/is-a-file", "x");

        assertThat(copy(
                        directory("api", 0755),
                        file("api/a.xml", "a"),
                        file("api/odd \\xff\\x0a", "odd"),
                        file("api/changed.xml", "old"),
                        file("api/grown.xml", "old"),
                        file("api/absent.xml", "old"),
                        file("absent/x", "old"),
                        file("api/is-a-file/x", "old")))
                .containsExactlyInAnyOrder(
                        new FileCopy.Staged(path("api/a.xml")),
                        new FileCopy.Staged(path("api/odd \\xff\\x0a")),
                        new FileCopy.Changed(path("api/changed.xml")),
                        new FileCopy.Changed(path("api/grown.xml")),
                        new FileCopy.Absent(path("api/absent.xml")),
                        new FileCopy.Absent(path("absent/x")),
                        new FileCopy.Changed(path("api/is-a-file/x")));
        assertThat(TreeOnDisk.contents(base.resolve("stage"))).hasSize(2);
    }

    @Test
    void linksAndFifosAreNeitherFollowedNorOpened() throws Exception {
        TreeOnDisk.write(base, "outside/a.xml", "a");
        Files.createSymbolicLink(tree.resolve("dir"), base.resolve("outside"));
        Files.createSymbolicLink(tree.resolve("a.xml"), base.resolve("outside/a.xml"));
        assertThat(new ProcessBuilder("mkfifo", tree.resolve("fifo").toString())
                        .start()
                        .waitFor())
                .isZero();

        assertThat(copy(file("dir/a.xml", "a"), file("a.xml", "a"), file("fifo", "a")))
                .containsExactlyInAnyOrder(
                        new FileCopy.Changed(path("dir/a.xml")),
                        new FileCopy.Changed(path("a.xml")),
                        new FileCopy.Changed(path("fifo")));
        assertThat(stage.has(file("a.xml", "a").digest().orElseThrow())).isFalse();
    }

    @Test
    void aTreeThatCanNotBeOpenedIsUnknownAndNotAbsent() throws IOException {
        Files.delete(tree);

        assertThat(copy(file("a.xml", "a"))).containsExactly(new FileCopy.Unreadable(path("a.xml"), Errno.ENOENT));
    }

    @Test
    void contentThatIsStagedIsNotReadAgain() throws IOException {
        TreeOnDisk.stage(stage, base.resolve("fetched"), "a");

        assertThat(copy(file("a.xml", "a"))).containsExactly(new FileCopy.Staged(path("a.xml")));
    }
}
