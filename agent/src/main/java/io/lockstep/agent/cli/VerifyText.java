package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.lockstep.wire.DiffReport;
import io.lockstep.wire.VerifyReport;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** Verdicts for people. */
final class VerifyText {
    /** How many differing paths are shown; JSON has up to {@link DiffReport#MAX_LINES}. */
    private static final int LINES = 100;

    private static final List<String> HEADER = List.of(
            "NODE", "VERDICT", "GENERATION", "MISSING", "EXTRA", "CHANGED", "UNKNOWN", "ENTRIES", "BYTES", "TOOK");

    /**
     * What JSON and YAML show of each node with {@code --all}.
     *
     * @param exitBits what the exit code would be for this node alone
     * @param report as the node told it; null when it told nothing
     */
    public record NodeVerdict(String node, int exitBits, Optional<String> doubt, JsonNode report) {}

    private VerifyText() {}

    /** One node: the counts and the first lines. */
    static Answer one(Verdict verdict) {
        var answer = new Answer.Builder();
        node(verdict, answer);
        return answer.build(verdict.json().orElse(NullNode.getInstance()));
    }

    /** All nodes: a table, then the lines of each that is not good. */
    static Answer all(List<Verdict> verdicts) {
        var table = table(verdicts);
        var answer = new Answer.Builder();
        answer.table(HEADER, verdicts.stream().map(VerifyText::row).toList());
        for (var verdict : verdicts) {
            if (verdict.exitBits() != 0) {
                answer.line("");
                node(verdict, answer);
            }
        }
        return answer.build(table.model());
    }

    /** All nodes for programs: plain bytes and seconds, and nothing for what is not known. */
    static Answer table(List<Verdict> verdicts) {
        var header = List.of(
                "NODE",
                "VERDICT",
                "GENERATION",
                "MISSING",
                "EXTRA",
                "CHANGED",
                "UNKNOWN",
                "ENTRIES",
                "BYTES",
                "TOOK_SECONDS");
        var rows = verdicts.stream()
                .map(v -> row(v, "", String::valueOf, String::valueOf, String::valueOf))
                .toList();
        var model = verdicts.stream()
                .map(v -> new NodeVerdict(
                        v.node(), v.exitBits(), v.doubt(), v.json().orElse(NullNode.getInstance())))
                .toList();
        return new Answer.Builder().table(header, rows).build(model);
    }

    private static Answer.Row row(Verdict verdict) {
        return row(verdict, "?", Quantity::count, Quantity::bytes, Quantity::seconds);
    }

    private static Answer.Row row(
            Verdict verdict,
            String unknown,
            Function<Long, String> entries,
            Function<Long, String> bytes,
            Function<Double, String> seconds) {
        var report = verdict.report();
        var result = verdict.result();
        return new Answer.Row(
                List.of(
                        verdict.node(),
                        word(verdict),
                        result.map(r -> r.reference().toString()).orElse(unknown),
                        count(result, r -> r.counts().missing(), unknown),
                        count(result, r -> r.counts().extra(), unknown),
                        count(result, r -> r.counts().changed(), unknown),
                        count(result, r -> r.counts().unknown(), unknown),
                        report.map(VerifyReport::entries).map(entries).orElse(unknown),
                        report.map(VerifyReport::bytes).map(bytes).orElse(unknown),
                        report.map(VerifyReport::tookSeconds).map(seconds).orElse(unknown)),
                style(verdict));
    }

    private static String count(Optional<DiffReport> result, ToIntFunction<DiffReport> count, String unknown) {
        return result.map(r -> String.valueOf(count.applyAsInt(r))).orElse(unknown);
    }

    private static String word(Verdict verdict) {
        int bits = verdict.exitBits();
        return bits == 0 ? "good" : (bits & ~ExitCode.UNKNOWN.number()) == 0 ? "unknown" : "different";
    }

    private static Answer.Style style(Verdict verdict) {
        return verdict.exitBits() == 0 ? Answer.Style.GOOD : Answer.Style.BAD;
    }

    private static void node(Verdict verdict, Answer.Builder answer) {
        verdict.result().filter(result -> !DiffText.contradicts(result)).ifPresent(result -> {
            boolean isGood = verdict.exitBits() == 0;
            answer.line((isGood ? "= " : "") + DiffText.summary(result), isGood ? Answer.Style.GOOD : Answer.Style.BAD);
            DiffText.lines(result, LINES, answer);
        });
        verdict.doubt().ifPresent(doubt -> {
            answer.line(verdict.node() + ": no verdict", Answer.Style.BAD);
            Prose.sentence(doubt, answer);
        });
        verdict.report()
                .ifPresent(report -> answer.line("  " + Quantity.count(report.entries()) + " entries, "
                        + Quantity.bytes(report.bytes()) + " read in " + Quantity.seconds(report.tookSeconds())));
    }

    /** The differing paths of one node for programs. */
    static Answer lines(Verdict verdict) {
        return DiffText.table(verdict.result()).build(verdict.json().orElse(NullNode.getInstance()));
    }
}
