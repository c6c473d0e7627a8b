package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.wire.DiffReport;
import io.lockstep.wire.VerifyReport;
import java.util.Optional;

/**
 * What a verify of one node came to.
 *
 * @param node its name
 * @param report the last that it told; empty when it told nothing
 * @param json the report as it came; empty when it told nothing
 * @param doubt why there is no verdict, or why it can't be trusted; empty when it can
 */
record Verdict(String node, Optional<VerifyReport> report, Optional<JsonNode> json, Optional<String> doubt) {
    /** A verdict without an answer. */
    static Verdict none(String node, String doubt) {
        return new Verdict(node, Optional.empty(), Optional.empty(), Optional.of(doubt));
    }

    /** The verdict of a run whose end was not seen, or could not be checked. */
    static Verdict unfinished(String node, VerifyReport report, JsonNode json, String doubt) {
        return new Verdict(node, Optional.of(report), Optional.of(json), Optional.of(doubt));
    }

    /** The verdict of a run that is over: its own problem, or what its result lacks, is the doubt. */
    static Verdict of(String node, VerifyReport report, JsonNode json) {
        var doubt = report.problem()
                .or(() -> report.result().map(Verdict::contradiction).orElse(Optional.of("no result")));
        return new Verdict(node, Optional.of(report), Optional.of(json), doubt);
    }

    private static Optional<String> contradiction(DiffReport result) {
        return DiffText.contradicts(result) ? Optional.of(DiffText.summary(result)) : Optional.empty();
    }

    /** The same with a doubt, unless it has one already. */
    Verdict doubted(String why) {
        return doubt.isPresent() ? this : new Verdict(node, report, json, Optional.of(why));
    }

    Optional<DiffReport> result() {
        return report.flatMap(VerifyReport::result);
    }

    /** 1 for extra, 2 for missing and 4 for changed entries, 8 when something is unknown; 0 for none of them. */
    int exitBits() {
        var counts = result().map(DiffReport::counts);
        boolean isUnknown =
                doubt.isPresent() || counts.isEmpty() || counts.get().unknown() > 0;
        return bit(counts.filter(c -> c.extra() > 0).isPresent(), ExitCode.EXTRA)
                | bit(counts.filter(c -> c.missing() > 0).isPresent(), ExitCode.MISSING)
                | bit(counts.filter(c -> c.changed() > 0).isPresent(), ExitCode.CHANGED)
                | bit(isUnknown, ExitCode.UNKNOWN);
    }

    private static int bit(boolean isSet, ExitCode code) {
        return isSet ? code.number() : 0;
    }
}
