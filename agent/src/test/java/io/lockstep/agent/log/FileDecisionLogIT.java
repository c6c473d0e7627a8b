package io.lockstep.agent.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lockstep.cluster.DecisionState;
import io.lockstep.cluster.LogEntry;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.RefusedEntryException;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDecisionLogIT {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final NodeName MANAGER = new NodeName("gw1");
    private static final Digest ROOT = Digest.of(new byte[] {1});

    private static final LogEntry FIRST =
            new LogEntry.ModeChange(1, 1, AT, Mode.SHARED, Reason.SHARE_EQUAL, MANAGER, Optional.empty());
    private static final LogEntry SECOND = new LogEntry.Commit(
            2, 1, AT, new Generation(new GenerationId(1, 1), ROOT, Optional.empty(), Digest.of(new byte[] {2})));

    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("decisions.log");
    }

    private void write(LogEntry... entries) throws IOException, RefusedEntryException {
        try (var log = FileDecisionLog.open(file())) {
            log.append(List.of(entries));
        }
    }

    @Test
    void isReadBackAsItWasWritten() throws Exception {
        write(FIRST, SECOND);

        try (var log = FileDecisionLog.open(file())) {
            assertThat(log.entriesAfter(0, 10)).containsExactly(FIRST, SECOND);
            assertThat(log.entriesAfter(1, 10)).containsExactly(SECOND);
            assertThat(log.entriesAfter(2, 10)).isEmpty();
            assertThat(log.entriesAfter(0, 1)).containsExactly(FIRST);
            assertThat(log.state())
                    .isEqualTo(DecisionState.initial().apply(FIRST).apply(SECOND));
        }
    }

    @Test
    void aLastLineThatACrashToreIsCutOffWhereverItWasTorn() throws Exception {
        write(FIRST, SECOND);
        var whole = Files.readAllBytes(file());
        int firstLine = new String(whole, StandardCharsets.UTF_8).indexOf('\n') + 1;
        for (int length = firstLine; length < whole.length; length++) {
            Files.write(file(), Arrays.copyOf(whole, length));

            try (var log = FileDecisionLog.open(file())) {
                assertThat(log.entriesAfter(0, 10)).as("cut at %d", length).containsExactly(FIRST);
                log.append(List.of(SECOND));
            }
            assertThat(Files.readAllBytes(file())).isEqualTo(whole);
        }
    }

    @Test
    void damageBeforeTheLastLineIsNeverForgotten() throws Exception {
        write(FIRST, SECOND);
        var bytes = Files.readAllBytes(file());
        bytes[20] ^= 1;
        Files.write(file(), bytes);

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> FileDecisionLog.open(file()))
                .withMessageContaining(file().toString())
                .withMessageContaining("restore it from a backup");
        assertThat(Files.readAllBytes(file())).isEqualTo(bytes);
    }

    @Test
    void anEntryThatDoesNotFollowLeavesTheLogAsItWas() throws Exception {
        write(FIRST);
        var before = Files.readAllBytes(file());
        try (var log = FileDecisionLog.open(file())) {
            assertThatExceptionOfType(RefusedEntryException.class)
                    .isThrownBy(() -> log.append(List.of(SECOND, SECOND)));
            assertThat(log.state().index()).isEqualTo(1);
        }

        assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }

    @Test
    void rubbishInTheMiddleOfALineIsATornLineOnlyAtTheEnd() throws Exception {
        write(FIRST);
        Files.writeString(file(), "rubbish without an end", StandardOpenOption.APPEND);

        try (var log = FileDecisionLog.open(file())) {
            assertThat(log.entriesAfter(0, 10)).containsExactly(FIRST);
        }
    }
}
