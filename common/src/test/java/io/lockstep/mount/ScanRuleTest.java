package io.lockstep.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.cluster.MountEvidence.State;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.mount.MountRule.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScanRuleTest {
    private static Verdict judge(EntryType type, String error) {
        var finding = new Finding.Unreadable(EntryPath.of("synapse-configs/default/api"), type, error);
        return ScanRule.judge(Map.of(
                "server", new Inventory(List.of(finding), 0, 0, 0), "tenants", new Inventory(List.of(), 0, 0, 0)));
    }

    @ParameterizedTest
    @CsvSource({
        "DIRECTORY, EIO, SHARE_IO_ERROR",
        "UNKNOWN, EIO, SHARE_IO_ERROR",
        "DIRECTORY, ETIMEDOUT, SHARE_IO_ERROR",
        "DIRECTORY, ESTALE, STALE_HANDLE",
        "UNKNOWN, ENOTCONN, NOT_CONNECTED",
    })
    void whatAGatewayWouldTakeForDeletedLosesTheShare(EntryType type, String error, Reason reason) {
        var verdict = judge(type, error);
        assertThat(verdict.state()).isEqualTo(State.LOST);
        assertThat(verdict.reason()).isEqualTo(reason);
        assertThat(verdict.detail()).contains("server", "synapse-configs/default/api", error);
    }

    @ParameterizedTest
    @CsvSource({"FILE, EIO", "FILE, ESTALE", "DIRECTORY, EACCES", "UNKNOWN, EPERM", "DIRECTORY, ENAMETOOLONG"})
    void whatOnlyTheAgentMissesDoesNot(EntryType type, String error) {
        assertThat(judge(type, error)).isEqualTo(Verdict.OK);
    }

    @Test
    void whatWasReadSaysNothingAgainstTheShare() {
        assertThat(ScanRule.judge(Map.of("server", Inventory.empty()))).isEqualTo(Verdict.OK);
    }
}
