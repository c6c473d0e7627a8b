package io.lockstep.agent.rsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.ManifestEntry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RsyncArgumentsTest {
    private static final TransferLimits LIMITS = new TransferLimits(Duration.ofMinutes(5), Duration.ofSeconds(30));
    private static final Digest DIGEST = Digest.of(new byte[0]);

    @Test
    void theServerFixesEverything() {
        assertThat(RsyncArguments.serve("rsync", Path.of("/work/serve-1.list"), LIMITS))
                .containsExactly(
                        "sh",
                        "-c",
                        "ulimit -v 524288 2>/dev/null; exec \"$@\"",
                        "lockstep-serve",
                        "rsync",
                        "--server",
                        "--sender",
                        "-tpe.LsfxCIvu",
                        "--timeout=30",
                        "--no-implied-dirs",
                        "--files-from",
                        "/work/serve-1.list",
                        "--from0",
                        ".",
                        ".");
    }

    @Test
    void thePullerNeverDeletesFollowsOrOwns() {
        for (var command : List.of(
                RsyncArguments.pull("/usr/bin/rsync", 1000, LIMITS),
                RsyncArguments.resume("/usr/bin/rsync", 1000, Path.of("/work/basis"), LIMITS))) {
            assertThat(command)
                    .startsWith("sh", "-c", RsyncArguments.keepStream(1000), "lockstep-pull", "/usr/bin/rsync");
            assertThat(command)
                    .contains("-tp", "--from0", "--fsync", "--timeout=30")
                    .endsWith("lockstep:.", ".");
            assertThat(String.join(" ", command)).doesNotContain("--delete", "--links", "--archive", "--owner", "-z");
        }
    }

    @Test
    void aPullerGetsBoundedMemoryAndFilesNoLargerThanTheLargest() {
        assertThat(RsyncArguments.keepStream(1000)).startsWith("{ ulimit -v 524288; ulimit -f 2; } 2>/dev/null; exec");
    }

    @Test
    void onlyAFileThatGoesOnHasABasisAndIsWrittenInItsPlace() {
        assertThat(RsyncArguments.pull("rsync", 1000, LIMITS))
                .contains("--whole-file")
                .doesNotContain("--inplace");
        assertThat(RsyncArguments.resume("rsync", 1000, Path.of("/work/basis"), LIMITS))
                .contains("--no-whole-file", "--inplace", "--ignore-times", "--compare-dest=/work/basis")
                .doesNotContain("--whole-file");
    }

    @Test
    void theJoiningShellFitsIntoSingleQuotes() {
        assertThat(RsyncArguments.JOIN_STREAM).doesNotContain("'");
    }

    @Test
    void aNameThatRsyncWouldTakeForACommentIsDisguised() {
        assertThat(listed("#a")).isEqualTo("./#a");
        assertThat(listed(";a")).isEqualTo("./;a");
        assertThat(listed("a/#b")).isEqualTo("a/#b");
    }

    private static String listed(String path) {
        return new String(RsyncArguments.listedName(path.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    @Test
    void aFileSetIsSortedAndRelativeToItsTree() {
        var set = FileSet.ofEntries(List.of(
                ManifestEntry.file(EntryPath.of("server/b"), 0644, 5, 0, DIGEST),
                ManifestEntry.file(EntryPath.of("server/a/c"), 0644, 7, 0, DIGEST)));

        assertThat(set.paths()).containsExactly(EntryPath.of("a/c"), EntryPath.of("b"));
        assertThat(set.totalBytes()).isEqualTo(12);
        assertThat(set.largestBytes()).isEqualTo(7);
    }

    @Test
    void aFileThatIsNamedTwiceCountsOnce() {
        var file = new FileSet.Item(EntryPath.of("a"), 5, 0);

        assertThat(new FileSet(List.of(file, file)).totalBytes()).isEqualTo(5);
    }

    @Test
    void aFileSetNeverCrossesTreesNorHoldsDirectories() {
        assertThatThrownBy(() -> FileSet.ofEntries(List.of(
                        ManifestEntry.file(EntryPath.of("server/b"), 0644, 5, 0, DIGEST),
                        ManifestEntry.file(EntryPath.of("tenants/b"), 0644, 5, 0, DIGEST))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one tree");
        assertThatThrownBy(() -> FileSet.ofEntries(List.of(ManifestEntry.directory(EntryPath.of("server/d"), 0755))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("server/d");
        assertThatThrownBy(() ->
                        FileSet.ofEntries(List.of(ManifestEntry.file(EntryPath.of("server"), 0644, 5, 0, DIGEST))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tree itself");
    }

    @Test
    void aSilenceThatRsyncWouldTakeForEverIsRefused() {
        assertThatThrownBy(() -> new TransferLimits(Duration.ofSeconds(5), Duration.ofMillis(900)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void capturedTextIsBoundedAndItsControlCharactersAreEscaped() {
        var text = new BoundedText();
        var line = "a\u001b[2J\n".getBytes(StandardCharsets.UTF_8);
        text.append(line, line.length);
        text.append(new byte[BoundedText.MAX_BYTES], BoundedText.MAX_BYTES);

        assertThat(text.text()).startsWith("a\\u001b[2J\n\\u0000").endsWith("(6 more bytes were dropped)");
    }
}
