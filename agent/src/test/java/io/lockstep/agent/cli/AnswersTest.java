package io.lockstep.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.agent.json.Json;
import io.lockstep.cluster.DriftSummary;
import io.lockstep.wire.LogRecord;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What people see, as files.
 *
 * <p>{@code mvn -pl agent -am test -Dtest=AnswersTest -Dgolden.update=true} writes them anew; they are reviewed as a
 * diff.
 */
class AnswersTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/cli");

    private static JsonNode json(Object value) {
        return Json.mapper().valueToTree(value);
    }

    private static String text(Answer answer, OutputFormat format) {
        var out = new StringWriter();
        new Output(new PrintWriter(out), format, false).write(answer);
        return out.toString();
    }

    private static void assertPretty(String name, Answer answer) throws IOException {
        assertGolden(name + ".txt", text(answer, OutputFormat.PRETTY));
    }

    private static void assertGolden(String name, String text) throws IOException {
        var file = GOLDEN.resolve(name);
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(file, text);
        } else {
            assertThat(text).isEqualTo(Files.readString(file));
        }
    }

    @Test
    void aGoodClusterFitsOneScreen() throws IOException {
        var report = Samples.good();
        assertPretty("status-good", StatusText.pretty("prod", report, json(report)));
    }

    @Test
    void aBadClusterSaysWhatIsWrongAndWhatToType() throws IOException {
        var report = Samples.bad();
        assertPretty("status-bad", StatusText.pretty("prod", report, json(report)));
        assertGolden("status-bad.tsv", text(StatusTable.of(report, json(report)), OutputFormat.TSV));
    }

    @Test
    void whatAMemberDoesNotKnowIsShownAsUnknown() throws IOException {
        var report = Samples.starting();
        assertPretty("status-starting", StatusText.pretty("prod", report, json(report)));
        assertThat(text(StatusTable.of(report, json(report)), OutputFormat.TSV))
                .contains("\tUNKNOWN\t\t\t\t\t\t0\t0.0\tSTARTING\t0.0\n");
    }

    @Test
    void jsonIsTheReportAsItCame() throws IOException {
        var report = Samples.bad();
        var answer = StatusText.pretty("prod", report, json(report));

        var read = Json.mapper().readTree(text(answer, OutputFormat.JSON));

        assertThat(read).isEqualTo(Json.mapper().readTree(Json.mapper().writeValueAsString(report)));
    }

    @Test
    void domainValuesAreWrittenAsTheControlPortWritesThem() {
        var answer = new Answer(List.of(Samples.GENERATION, Samples.GW1, Optional.of(Samples.ROOT)), List.of());

        assertThat(text(answer, OutputFormat.JSON)).contains("\"3.42\", \"gw1\", \"" + Samples.ROOT + "\"");
        assertThat(text(answer, OutputFormat.YAML)).contains("- \"3.42\"\n- gw1\n");
    }

    @Test
    void aDiffNamesPathsWithSigns() throws IOException {
        var diff = Samples.different();
        assertPretty("diff", DiffText.pretty(diff, Optional.empty(), json(diff)));
        assertPretty("diff-equal", DiffText.pretty(Samples.equal(), Optional.empty(), json(diff)));
        assertPretty(
                "diff-stale",
                DiffText.pretty(Samples.equal(), Optional.of("the agent's last look is 14 min old"), json(diff)));
    }

    @Test
    void noDifferenceWithAnotherRootIsNotGood() {
        var diff = Samples.diff(DriftSummary.NONE, Samples.OTHER, List.of());

        assertThat(DiffText.isUnknown(diff)).isTrue();
        assertThat(text(DiffText.pretty(diff, Optional.empty(), json(diff)), OutputFormat.PRETTY))
                .startsWith("the mount of gw1 can't be told: no path differs, and yet its root digest is ");
    }

    @Test
    void historyTellsFromWhichModeToWhich() throws IOException {
        var all = history(20);
        assertPretty("history", all);

        assertThat(text(history(20, Samples.registered()), OutputFormat.TSV))
                .contains("share of tree server registered: 0f8fad5b-d9cb-469f-a165-70867728950e");
        // The entry before the shown ones still says which mode was left.
        assertThat(text(history(2), OutputFormat.TSV))
                .contains("\nINDEX".substring(1), "4\t2\t", "mode SHARED -> RSYNC", "mode RSYNC -> SHARED")
                .hasLineCount(3);
    }

    private static Answer history(int limit, LogRecord... more) {
        var history = new HistoryText(limit);
        for (LogRecord entry : Samples.log().records()) {
            history.add(entry, json(entry));
        }
        for (var entry : more) {
            history.add(entry, json(entry));
        }
        return history.answer();
    }

    @Test
    void verifyTellsOfOneNodeAndOfAll() throws IOException {
        var good = verdict("gw1", Samples.verify(Samples.equal()));
        var bad = verdict("gw2", Samples.verify(Samples.different()));
        var late = Verdict.unfinished("gw3", Samples.running(), json(Samples.running()), "not done within 10 min");
        assertPretty("verify-good", VerifyText.one(good));
        assertPretty(
                "verify-all",
                VerifyText.all(List.of(good, bad, late, Verdict.none("gw4", "gw4: no connection. Start its agent"))));
    }

    static Verdict verdict(String node, io.lockstep.wire.VerifyReport report) {
        return Verdict.of(node, report, json(report));
    }

    @Test
    void holdsSayWhatToType() throws IOException {
        assertPretty("holds", HoldsText.pretty("gw1", List.of(Samples.hold()), json(List.of())));
        assertPretty("holds-none", HoldsText.pretty("gw1", List.of(), json(List.of())));
    }

    @Test
    void numbersHaveUnits() {
        assertThat(List.of(0.0, 3.24, 119.0, 754.0, 9000.0, 300_000.0).stream().map(Quantity::seconds))
                .containsExactly("0 s", "3.2 s", "119.0 s", "13 min", "2.5 h", "3.5 d");
        assertThat(List.of(0L, 1023L, 1024L, 12_900_000L, 5L << 40).stream().map(Quantity::bytes))
                .containsExactly("0 B", "1023 B", "1.0 KiB", "12.3 MiB", "5.0 TiB");
    }
}
