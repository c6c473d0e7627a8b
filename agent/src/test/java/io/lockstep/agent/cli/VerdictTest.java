package io.lockstep.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.json.Json;
import io.lockstep.cluster.DriftSummary;
import io.lockstep.wire.DiffReport;
import io.lockstep.wire.VerifyReport;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static Verdict verdict(VerifyReport report) {
        return Verdict.of("gw1", report, Json.mapper().valueToTree(report));
    }

    private static DiffReport diff(int missing, int extra, int changed, int unknown) {
        var counts = new DriftSummary(missing, extra, changed, unknown);
        return Samples.diff(counts, counts.total() == 0 ? Samples.ROOT : Samples.OTHER, List.of());
    }

    @Test
    void everyCombinationHasItsBits() {
        for (int bits = 0; bits < 16; bits++) {
            // Two of each, so that a count which is added instead of asked for would show.
            var diff = diff((bits & 2) == 0 ? 0 : 2, (bits & 1) * 2, (bits & 4) / 2, (bits & 8) / 4);

            var verdict = verdict(Samples.verify(diff));

            assertThat(verdict.exitBits()).as("counts %s", diff.counts()).isEqualTo(bits);
            assertThat(verdict.doubted("a newer generation").exitBits())
                    .as("doubted %s", diff.counts())
                    .isEqualTo(bits | 8);
        }
    }

    @Test
    void unknownIsNeverGood() {
        var running = Samples.running();
        var failed = new VerifyReport(1, 0, 0, 0, 0, 0, Optional.empty(), Optional.of("SHARE_HUNG: no answer"));
        var contradicting = Samples.verify(Samples.diff(DriftSummary.NONE, Samples.OTHER, List.of()));

        assertThat(verdict(running).exitBits()).isEqualTo(8);
        assertThat(verdict(failed).exitBits()).isEqualTo(8);
        assertThat(verdict(contradicting).exitBits()).isEqualTo(8);
        assertThat(Verdict.none("gw1", "away").exitBits()).isEqualTo(8);
        assertThat(Verdict.unfinished(
                                "gw1",
                                Samples.verify(Samples.equal()),
                                Json.mapper().nullNode(),
                                "its agent is gone")
                        .exitBits())
                .isEqualTo(8);
    }
}
