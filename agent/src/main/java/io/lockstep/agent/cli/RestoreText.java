package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.artifact.EntryPath;
import io.lockstep.wire.RestoreReport;
import java.util.ArrayList;
import java.util.List;

/** What a restore does or did. */
final class RestoreText {
    private static final int PATHS = 20;

    private RestoreText() {}

    static Answer pretty(String manager, RestoreReport report, JsonNode json) {
        var answer = new Answer.Builder();
        answer.line(headline(manager, report), style(report));
        report.problem().ifPresent(problem -> Prose.sentence(problem, answer));
        if (!report.missing().isEmpty()) {
            Prose.paths(report.missing(), report.missing().size(), PATHS, answer);
        }
        var counts = report.counts();
        list("Added", report.added(), counts.added(), answer);
        list("Changed", report.changed(), counts.changed(), answer);
        list("Deleted", report.deleted(), counts.deleted(), answer);
        list("Moved away from", report.moved(), counts.moved(), answer);
        answer.line("Plan:                 " + report.planDigest());
        report.guard().ifPresent(why -> {
            answer.line("It needs an approval: " + why + ".", Answer.Style.WARNING);
            answer.line("  If that is meant:   " + command(report) + " --approve " + report.planDigest());
        });
        report.hold().ifPresent(id -> {
            answer.line("  or, for an hour:    lockstep approve " + id);
            answer.line("  If not:             lockstep reject " + id);
        });
        return answer.build(json);
    }

    /** For programs: a row a file. */
    static Answer table(RestoreReport report, JsonNode json) {
        return new Answer.Builder()
                .table(List.of("CHANGE", "PATH"), rows(report))
                .build(json);
    }

    private static String command(RestoreReport report) {
        return "lockstep restore --generation " + report.from()
                + report.path().map(path -> " --path '" + path + "'").orElse("");
    }

    private static String headline(String manager, RestoreReport report) {
        var what = "generation " + report.from()
                + report.path().map(path -> ", path " + path).orElse("");
        return switch (report.state()) {
            case PLANNED -> "To restore " + what + " over generation " + report.reference() + " would do this:";
            case NOTHING_TO_DO -> "Nothing to do: all is as in " + what + " already.";
            case RUNNING -> manager + " is still bringing together the content of " + what + ".";
            case COMMITTED ->
                "Restored " + what + ", as generation "
                        + report.generation().map(String::valueOf).orElse("?")
                        + ". Nodes and share follow: lockstep status -w";
            case HELD -> "The restore of " + what + " waits for an approval. Nothing has changed.";
            case REFUSED -> "Nothing was restored of " + what + ":";
        };
    }

    private static Answer.Style style(RestoreReport report) {
        return switch (report.state()) {
            case COMMITTED, NOTHING_TO_DO -> Answer.Style.GOOD;
            case PLANNED -> Answer.Style.PLAIN;
            case RUNNING, HELD -> Answer.Style.WARNING;
            case REFUSED -> Answer.Style.BAD;
        };
    }

    private static void list(String what, List<EntryPath> paths, int count, Answer.Builder answer) {
        if (count > 0) {
            answer.line(what + " (" + Quantity.count(count, "file") + "):");
            Prose.paths(paths, count, PATHS, answer);
        }
    }

    private static List<Answer.Row> rows(RestoreReport report) {
        var rows = new ArrayList<Answer.Row>();
        report.added().forEach(path -> rows.add(Answer.Row.of("added", path.toString())));
        report.changed().forEach(path -> rows.add(Answer.Row.of("changed", path.toString())));
        report.deleted().forEach(path -> rows.add(Answer.Row.of("deleted", path.toString())));
        report.moved().forEach(path -> rows.add(Answer.Row.of("moved", path.toString())));
        return rows;
    }
}
