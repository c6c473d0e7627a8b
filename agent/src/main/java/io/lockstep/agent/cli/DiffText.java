package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.cluster.DriftSummary;
import io.lockstep.wire.DiffReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Differences for people: a summary, and a line a path with {@code - + * ?}. */
final class DiffText {
    private DiffText() {}

    /**
     * The whole answer.
     *
     * @param doubt why it can't be trusted; empty when it can
     */
    static Answer pretty(DiffReport diff, Optional<String> doubt, JsonNode json) {
        var answer = new Answer.Builder();
        boolean isGood = diff.counts().total() == 0 && !isUnknown(diff) && doubt.isEmpty();
        answer.line((isGood ? "= " : "") + summary(diff), isGood ? Answer.Style.GOOD : Answer.Style.BAD);
        lines(diff, DiffReport.MAX_LINES, answer);
        doubt.ifPresent(why -> {
            answer.line("It is not known whether this is still so:", Answer.Style.BAD);
            Prose.sentence(why, answer);
        });
        return answer.build(json);
    }

    /** Whether something can't be told, or the root digests contradict the counts. */
    static boolean isUnknown(DiffReport diff) {
        return diff.counts().unknown() > 0 || contradicts(diff);
    }

    /** No path differs, and yet the root digests do: such a report is never good. */
    static boolean contradicts(DiffReport diff) {
        return diff.counts().total() == 0 && !diff.rootDigest().equals(diff.referenceDigest());
    }

    /** What was compared and how much differs, in one line. */
    static String summary(DiffReport diff) {
        var tree = "the " + diff.what().toLowerCase(Locale.ROOT) + " of " + diff.node();
        var counts = diff.counts();
        if (contradicts(diff)) {
            return tree + " can't be told: no path differs, and yet its root digest is "
                    + diff.rootDigest().abbreviated() + ", not "
                    + diff.referenceDigest().abbreviated();
        }
        if (counts.total() == 0) {
            return "all " + Quantity.count(diff.expectedEntries()) + " entries are as generation " + diff.reference()
                    + " says: " + tree;
        }
        return tree + " is not as generation " + diff.reference() + " says: " + words(counts) + " of "
                + Quantity.count(diff.expectedEntries());
    }

    private static String words(DriftSummary counts) {
        var words = new ArrayList<String>();
        add(counts.missing(), "missing", words);
        add(counts.extra(), "extra", words);
        add(counts.changed(), "changed", words);
        add(counts.unknown(), "unknown", words);
        return String.join(", ", words);
    }

    private static void add(int count, String what, List<String> words) {
        if (count > 0) {
            words.add(Quantity.count(count) + " " + what);
        }
    }

    /** The first {@code limit} differing paths, and how many more there are. */
    static void lines(DiffReport diff, int limit, Answer.Builder answer) {
        int shown = Math.min(diff.lines().size(), limit);
        for (var line : diff.lines().subList(0, shown)) {
            answer.line(line.sign() + " " + line.path() + " (" + line.detail() + ")");
        }
        int all = Math.max(diff.lines().size(), diff.counts().total());
        if (all > shown) {
            answer.line("  ... and " + Quantity.count(all - shown) + " more"
                    + (diff.lines().size() > shown ? "; -f tsv lists them" : ""));
        }
    }

    /** The differing paths for programs. */
    static Answer.Builder table(Optional<DiffReport> diff) {
        var rows = diff.map(DiffReport::lines).orElse(List.of()).stream()
                .map(line -> Answer.Row.of(line.sign(), line.path().toString(), line.detail()))
                .toList();
        return new Answer.Builder().table(List.of("SIGN", "PATH", "DETAIL"), rows);
    }
}
