package io.lockstep.agent.rsync;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RsyncReasonTest {
    /** rsync(1) 3.5.0, section EXIT VALUES, and errcode.h; every other number up to 35 is in neither. */
    private static final Map<Integer, RsyncReason> MANUAL = Map.ofEntries(
            Map.entry(0, RsyncReason.COMPLETE),
            Map.entry(1, RsyncReason.BAD_ARGUMENTS),
            Map.entry(2, RsyncReason.INCOMPATIBLE),
            Map.entry(3, RsyncReason.BAD_ARGUMENTS),
            Map.entry(4, RsyncReason.INCOMPATIBLE),
            Map.entry(5, RsyncReason.INCOMPATIBLE),
            Map.entry(6, RsyncReason.INTERNAL),
            Map.entry(10, RsyncReason.CONNECTION),
            Map.entry(11, RsyncReason.FILE_IO),
            Map.entry(12, RsyncReason.CONNECTION),
            Map.entry(13, RsyncReason.INTERNAL),
            Map.entry(14, RsyncReason.INTERNAL),
            Map.entry(15, RsyncReason.INTERNAL),
            Map.entry(16, RsyncReason.KILLED),
            Map.entry(19, RsyncReason.KILLED),
            Map.entry(20, RsyncReason.KILLED),
            Map.entry(21, RsyncReason.INTERNAL),
            Map.entry(22, RsyncReason.OUT_OF_MEMORY),
            Map.entry(23, RsyncReason.PARTIAL),
            Map.entry(24, RsyncReason.VANISHED),
            Map.entry(25, RsyncReason.PARTIAL),
            Map.entry(30, RsyncReason.TIMEOUT),
            Map.entry(35, RsyncReason.TIMEOUT));

    @ParameterizedTest
    @MethodSource("codesUpTo35")
    void everyCodeUpTo35HasItsReason(int exitCode) {
        assertThat(RsyncReason.ofExit(exitCode, "")).isEqualTo(MANUAL.getOrDefault(exitCode, RsyncReason.INTERNAL));
        assertThat(RsyncExit.of(exitCode).isPresent()).isEqualTo(MANUAL.containsKey(exitCode));
    }

    static IntStream codesUpTo35() {
        return IntStream.rangeClosed(0, 35);
    }

    @ParameterizedTest
    @CsvSource({"124, INTERNAL", "125, INTERNAL", "126, NOT_STARTED", "127, NOT_STARTED"})
    void theJoiningShellsCodesHaveTheirReason(int exitCode, RsyncReason reason) {
        assertThat(RsyncReason.ofExit(exitCode, "")).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource({"129, 1", "137, 9", "139, 11", "143, 15", "192, 64"})
    void aSignalIsNamed(int exitCode, int signal) {
        assertThat(RsyncReason.ofExit(exitCode, "")).isEqualTo(RsyncReason.KILLED);
        assertThat(RsyncExit.describe(exitCode)).isEqualTo("signal " + signal);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 36, 99, 123, 128, 193, 255, 256, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void aCodeThatRsyncDoesNotHaveIsAFailure(int exitCode) {
        assertThat(RsyncReason.ofExit(exitCode, "")).isEqualTo(RsyncReason.INTERNAL);
        assertThat(RsyncExit.describe(exitCode)).isEqualTo("exit code " + exitCode + ", which rsync does not have");
    }

    @Test
    void aFileThatGrowsPastItsSizeIsThePeersDoing() {
        var stderr = "rsync: [receiver] write failed on \"/w/a\": File too large (27)";

        assertThat(RsyncReason.ofExit(11, stderr)).isEqualTo(RsyncReason.TOO_MUCH_DATA);
    }

    @Test
    void operationsHasTheTablesOfTheCode() throws IOException {
        var page = Files.readString(operations());

        for (var exit : RsyncExit.all()) {
            assertThat(page).contains("| " + exit.code() + " | " + exit.text() + " | " + exit.reason() + " |\n");
        }
        for (var reason : RsyncReason.values()) {
            assertThat(page)
                    .contains("| " + reason + " | " + reason.description() + " | " + reason.action() + " | "
                            + reason.remedy() + " |\n");
        }
    }

    /** The page, from the directory of the module or of the whole. */
    private static Path operations() {
        var directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("docs/operations.md"))) {
            directory = directory.getParent();
        }
        return directory.resolve("docs/operations.md");
    }

    @ParameterizedTest
    @CsvSource({"10", "11", "12", "23"})
    void aFullDiskIsToldFromTheMessage(int exitCode) {
        var stderr = "rsync: [receiver] write failed on \"/x\": No space left on device (28)";

        assertThat(RsyncReason.ofExit(exitCode, stderr)).isEqualTo(RsyncReason.DISK_FULL);
        assertThat(RsyncReason.ofExit(exitCode, "Disk quota exceeded (122)")).isEqualTo(RsyncReason.DISK_FULL);
    }

    @Test
    void anOverflowInWhatThePeerSentIsNoLackOfMemory() {
        var stderr = "overflow: xflags=0xd000041 l1=0 l2=8248 lastname=a [Receiver]";

        assertThat(RsyncReason.ofExit(22, stderr)).isEqualTo(RsyncReason.CONNECTION);
    }

    @ParameterizedTest
    @EnumSource
    void everyReasonSaysWhatHappenedAndWhatToDo(RsyncReason reason) {
        assertThat(reason.description()).isNotBlank();
        assertThat(reason.action()).isNotBlank().doesNotEndWith(".");
        assertThat(reason.remedy()).isNotBlank().doesNotEndWith(".");
    }

    @Test
    void theMessageNamesSomeMissingFilesAndTheRemedy() {
        var missing = List.of("a", "b", "c", "d", "e", "f").stream()
                .map(EntryPath::of)
                .toList();
        var outcome = new RsyncOutcome(RsyncReason.PARTIAL, OptionalInt.of(23), missing, "said rsync\n", 1, 2);

        assertThat(outcome.message())
                .isEqualTo("rsync: some files were not transferred (exit code 23, partial transfer due to error)"
                        + "; 6 missing: a, b, c, d, e, .... Nothing to do if another member has them; else look at"
                        + " the member's replica: said rsync");
    }
}
