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
        var command = RsyncArguments.pull("/usr/bin/rsync", LIMITS);

        assertThat(command).startsWith("sh", "-c", RsyncArguments.KEEP_STREAM, "lockstep-pull", "/usr/bin/rsync");
        assertThat(command)
                .contains("-tp", "--from0", "--fsync", "--timeout=30")
                .endsWith("lockstep:.", ".");
        assertThat(String.join(" ", command)).doesNotContain("--delete", "--links", "--archive", "--owner", "-z");
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

        assertThat(set).isEqualTo(new FileSet(List.of(EntryPath.of("a/c"), EntryPath.of("b")), 12));
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
