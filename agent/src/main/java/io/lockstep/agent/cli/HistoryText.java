package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockstep.cluster.Mode;
import io.lockstep.digest.Digest;
import io.lockstep.wire.GenerationReport;
import io.lockstep.wire.LogRecord;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes the decision log from its beginning, and shows its last entries. */
final class HistoryText {
    private record Line(LogRecord record, String what, JsonNode json) {}

    private final int limit;
    private final Map<String, Known> known = new HashMap<>();
    private final Deque<Line> last = new ArrayDeque<>();
    private Optional<Mode> mode = Optional.empty();

    /** Shows the last {@code limit} entries, 1 or more. */
    HistoryText(int limit) {
        this.limit = limit;
    }

    /** Takes what is known of generations, before their entries come. */
    void know(List<GenerationReport> reports, JsonNode json) {
        for (int i = 0; i < reports.size(); i++) {
            known.put(reports.get(i).id().toString(), new Known(reports.get(i), json.path(i)));
        }
    }

    private record Known(GenerationReport report, JsonNode json) {}

    /** Takes the next entry. Each has to come, since an entry alone does not say which mode it ended. */
    void add(LogRecord record, JsonNode json) {
        last.addLast(new Line(record, what(record), withChanges(record, json)));
        if (last.size() > limit) {
            last.removeFirst();
        }
    }

    /** The entry as it came, with what the generation changed. */
    private JsonNode withChanges(LogRecord record, JsonNode json) {
        var commit = record.generation();
        var of = commit == null ? null : known.get(commit.id());
        if (of == null || !(json instanceof ObjectNode entry)) {
            return json;
        }
        return entry.deepCopy()
                .<ObjectNode>set("kept", of.json().path("kept"))
                .<ObjectNode>set("files", of.json().path("files"))
                .set("changes", of.json().path("changes"));
    }

    /** With the signs of {@code lockstep diff}. */
    private String changes(String id) {
        var of = known.get(id);
        if (of == null) {
            return "";
        }
        var report = of.report();
        if (!report.kept()) {
            return ", not kept here any more";
        }
        var text = report.changes()
                .map(counts -> (sign("+", counts.added())
                                + sign("*", counts.changed())
                                + sign("-", counts.deleted())
                                + sign(">", counts.moved()))
                        .strip())
                .orElse("");
        return (text.isEmpty() ? "" : " changes " + text)
                + report.files()
                        .map(files -> ", " + Quantity.count(files, "file"))
                        .orElse("");
    }

    private static String sign(String sign, int count) {
        return count == 0 ? "" : " " + sign + count;
    }

    private String what(LogRecord record) {
        var change = record.mode();
        if (change != null) {
            var from = mode.filter(before -> before != change.mode())
                    .map(before -> before + " -> ")
                    .orElse("");
            mode = Optional.of(change.mode());
            return "mode " + from + change.mode() + ", " + change.reason() + ", manager " + change.manager()
                    + (change.base() == null ? "" : ", base " + change.base());
        }
        var share = record.share();
        if (share != null) {
            return "share of tree " + share.tree() + " registered: " + share.shareId();
        }
        var commit = record.generation();
        if (commit == null) {
            return "an entry of another kind: use the agent's version of Lockstep";
        }
        Digest parent = commit.parent();
        return "generation " + commit.id() + " root " + commit.root().abbreviated() + " parent "
                + (parent == null ? "none" : parent.abbreviated()) + changes(commit.id());
    }

    /** The last entries, the newest at the end. */
    Answer answer() {
        var rows = new ArrayList<Answer.Row>();
        var model = new ArrayList<JsonNode>();
        for (var line : last) {
            var record = line.record();
            rows.add(new Answer.Row(
                    List.of(
                            String.valueOf(record.index()),
                            String.valueOf(record.epoch()),
                            when(record.at()),
                            line.what()),
                    record.mode() == null ? Answer.Style.PLAIN : Answer.Style.STRONG));
            model.add(line.json());
        }
        return new Answer.Builder()
                .table(List.of("INDEX", "EPOCH", "WHEN", "WHAT"), rows)
                .build(model);
    }

    /** In UTC, so that the histories and logs of two hosts can be laid side by side. */
    private static String when(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
