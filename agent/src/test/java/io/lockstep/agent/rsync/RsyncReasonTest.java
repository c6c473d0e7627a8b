package io.lockstep.agent.rsync;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RsyncReasonTest {
    @ParameterizedTest
    @CsvSource({
        "0, COMPLETE",
        "1, BAD_ARGUMENTS",
        "2, INCOMPATIBLE",
        "3, BAD_ARGUMENTS",
        "4, INCOMPATIBLE",
        "5, INCOMPATIBLE",
        "10, CONNECTION",
        "11, FILE_IO",
        "12, CONNECTION",
        "13, INTERNAL",
        "14, INTERNAL",
        "15, INTERNAL",
        "16, KILLED",
        "19, KILLED",
        "20, KILLED",
        "21, INTERNAL",
        "22, OUT_OF_MEMORY",
        "23, PARTIAL",
        "24, VANISHED",
        "25, PARTIAL",
        "30, TIMEOUT",
        "35, TIMEOUT",
        "99, INTERNAL",
        "127, INTERNAL",
        "137, KILLED"
    })
    void everyExitCodeOfTheManualHasItsReason(int exitCode, RsyncReason reason) {
        assertThat(RsyncReason.ofExit(exitCode, "")).isEqualTo(reason);
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
        assertThat(reason.remedy()).isNotBlank().doesNotEndWith(".");
    }

    @Test
    void theMessageNamesSomeMissingFilesAndTheRemedy() {
        var missing = List.of("a", "b", "c", "d", "e", "f").stream()
                .map(EntryPath::of)
                .toList();
        var outcome = new RsyncOutcome(RsyncReason.PARTIAL, OptionalInt.of(23), missing, "said rsync\n", 1, 2);

        assertThat(outcome.message())
                .isEqualTo("rsync: some files were not transferred (exit code 23); 6 missing: a, b, c, d, e, ..."
                        + ". Pull the missing files again, or from another peer: said rsync");
    }
}
