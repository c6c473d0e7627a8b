package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.DriftSummary;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Concern;
import io.lockstep.generation.HeldBack;
import io.lockstep.wire.StatusReport;
import io.lockstep.wire.StatusReport.Member;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A status report for people. What is not known is shown as {@code ?}, never as a number. */
final class StatusText {
    private static final int DRIFT_PATHS = 20;
    private static final int OTHER_PATHS = 10;
    static final String UNKNOWN = "?";
    private static final List<String> COLUMNS = List.of(
            "NODE",
            "ROLE",
            "STATE",
            "MODE",
            "GENERATION",
            "ROOT",
            "SERVING",
            "MOUNT",
            "LAG",
            "DRIFT",
            "CONFLICTS",
            "SEEN");

    private final StatusReport report;
    private final Answer.Builder answer = new Answer.Builder();

    private StatusText(StatusReport report) {
        this.report = report;
    }

    /**
     * The whole report.
     *
     * @param cluster the cluster's id
     * @param json the report as it came
     */
    static Answer pretty(String cluster, StatusReport report, JsonNode json) {
        var text = new StatusText(report);
        text.head(cluster);
        text.members();
        text.remedies();
        text.holds();
        text.conflicts();
        text.thisNode();
        return text.answer.build(json);
    }

    private void head(String cluster) {
        var style = switch (report.mode()) {
            case SHARED -> Answer.Style.STRONG;
            case RSYNC, RECONCILING -> Answer.Style.WARNING;
            case HOLD -> Answer.Style.BAD;
        };
        var reference = report.generation()
                .map(id -> "generation " + id + ", root "
                        + report.rootDigest().map(Digest::abbreviated).orElse(UNKNOWN))
                .orElse("no generation yet");
        answer.line("Cluster " + cluster + ": " + report.mode() + " (" + report.reason() + "), " + reference, style);
        if (isForSomebody(report.remedy())) {
            Prose.sentence(report.remedy(), answer);
        }
        long good = report.members().stream().filter(this::servesReference).count();
        int all = report.members().size();
        answer.line(
                good == all
                        ? Quantity.count(all, "node") + ", all serving it, as " + report.node() + " sees it."
                        : good + " of " + Quantity.count(all, "node") + " serving it, as " + report.node()
                                + " sees it.",
                good == all ? Answer.Style.GOOD : Answer.Style.BAD);
        answer.line("");
    }

    /** Whether a remedy has something to do in it; reasons that need nobody say so first. */
    static boolean isForSomebody(String remedy) {
        return !remedy.startsWith("nothing");
    }

    private boolean servesReference(Member member) {
        return serves(member)
                && report.rootDigest().isPresent()
                && member.rootDigest().equals(report.rootDigest());
    }

    private static boolean serves(Member member) {
        return member.state().equals("serving");
    }

    /** A member that is not reached says nothing of itself. */
    static boolean isReached(Member member) {
        return member.mode().isPresent();
    }

    private void members() {
        answer.table(COLUMNS, report.members().stream().map(this::row).toList());
    }

    private Answer.Row row(Member member) {
        boolean isReached = isReached(member);
        var style = servesReference(member)
                ? Answer.Style.PLAIN
                : serves(member) || member.state().endsWith("(kept)") ? Answer.Style.WARNING : Answer.Style.BAD;
        return new Answer.Row(
                List.of(
                        member.name().value(),
                        lower(member.role()),
                        member.state(),
                        shown(member.mode()),
                        lastHeard(member, member.generation().map(String::valueOf)),
                        lastHeard(member, member.rootDigest().map(Digest::abbreviated)),
                        lastHeard(member, member.serving().map(StatusText::lower)),
                        ShareText.of(member),
                        member.figuresKnown() ? Quantity.seconds(member.lagSeconds()) : UNKNOWN,
                        member.figuresKnown() ? drift(member.drift()) : UNKNOWN,
                        isReached ? String.valueOf(member.conflicts()) : UNKNOWN,
                        seen(member)),
                style);
    }

    private static String shown(Optional<?> value) {
        return value.map(String::valueOf).orElse(UNKNOWN);
    }

    /** What a member that is not reached said last may be otherwise now. */
    private static String lastHeard(Member member, Optional<String> value) {
        return value.orElse("") + (isReached(member) && value.isPresent() ? "" : UNKNOWN);
    }

    static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** With the signs of {@code lockstep diff}: {@code -2 +1 *3 ?1}. */
    private static String drift(DriftSummary drift) {
        if (drift.total() == 0) {
            return "none";
        }
        return (part("-", drift.missing())
                        + part("+", drift.extra())
                        + part("*", drift.changed())
                        + part("?", drift.unknown()))
                .strip();
    }

    private static String part(String sign, int count) {
        return count == 0 ? "" : " " + sign + count;
    }

    private String seen(Member member) {
        if (member.name().equals(report.node())) {
            return "self";
        }
        return member.heardSecondsAgo() < 0 ? "never" : Quantity.seconds(member.heardSecondsAgo());
    }

    private void remedies() {
        for (var member : report.members()) {
            if (!serves(member)) {
                answer.line("");
                // Commands that a remedy names are meant on the node itself.
                answer.line(
                        "On " + member.name() + ": " + member.state() + (isReached(member) ? "" : lastHeard(member)),
                        Answer.Style.BAD);
                Prose.sentence(member.remedy(), answer);
            }
        }
        report.members().forEach(member -> ShareText.add(member, report, answer));
    }

    private static String lastHeard(Member member) {
        return member.heardSecondsAgo() < 0
                ? ", never heard"
                : ", last heard " + Quantity.seconds(member.heardSecondsAgo()) + " ago";
    }

    private void holds() {
        for (var hold : report.holds()) {
            answer.line("");
            hold(hold, answer);
        }
        if (report.mode() == Mode.HOLD
                && report.holds().isEmpty()
                && !report.node().equals(report.manager())) {
            answer.line("");
            answer.line("Only the manager, " + report.manager() + ", knows what it waits for: lockstep holds");
        }
    }

    private void conflicts() {
        int count = report.members().stream().mapToInt(Member::conflicts).sum();
        if (count > 0) {
            answer.line("");
            answer.line(
                    Quantity.count(count, "conflict") + ": written, and not live. None is dropped before you decide.",
                    Answer.Style.WARNING);
            answer.line("  Look and decide:    lockstep conflicts");
        }
    }

    /** A plan that waits, and what the operator types. */
    static void hold(Hold hold, Answer.Builder answer) {
        answer.line("HOLD " + hold.id() + " (" + hold.reason() + ") since " + hold.since(), Answer.Style.BAD);
        Prose.sentence(hold.text() + ":", answer);
        Prose.paths(hold.paths(), hold.pathCount(), OTHER_PATHS, answer);
        if (hold.reason() == Reason.FIRST_CONTACT) {
            answer.line("  If that is meant:   lockstep adopt");
            answer.line("  If not:             lockstep adopt --from NODE, or make the trees the same by hand");
        } else if (hold.reason() == Reason.SHARE_DIVERGED) {
            answer.line("  Look at them:       lockstep diff --share");
            answer.line("  It is merged by itself when all of it can be read, or holds what the nodes serve.");
        } else {
            hold.approvedUntil().ifPresent(until -> answer.line("  Approved until:     " + until));
            answer.line("  If that is meant:   lockstep approve " + hold.id());
            answer.line("  If not:             lockstep reject " + hold.id());
        }
    }

    private void thisNode() {
        NodeName node = report.node();
        report.livePathLimit().ifPresent(limit -> {
            heading("The live path on " + node + ":");
            Prose.sentence(limit, answer);
        });
        report.problem().ifPresent(problem -> {
            heading("What " + node + " failed to do:");
            Prose.sentence(problem, answer);
            report.problemReason().ifPresent(reason -> Prose.sentence(reason.remedy(), answer));
        });
        if (!report.driftPaths().isEmpty()) {
            int count = report.members().stream()
                    .filter(member -> member.name().equals(node))
                    .mapToInt(member -> member.drift().total())
                    .findFirst()
                    .orElse(0);
            list(
                    "Drift of " + node,
                    report.driftPaths(),
                    Math.max(count, report.driftPaths().size()),
                    DRIFT_PATHS);
            answer.line("  What differs:       lockstep diff");
        }
        if (!report.damaged().isEmpty()) {
            heading("Damaged in trash or conflict store ("
                    + Quantity.count(report.damaged().size(), "file") + "):");
            report.damaged().stream().limit(OTHER_PATHS).forEach(file -> answer.line("    " + file));
            answer.line("  Look at the disk (dmesg, SMART). It is fetched again from a node that has it.");
        }
        var heldBack = report.heldBackWhy();
        if (!heldBack.isEmpty()) {
            heading("Not published, the last good version stays (" + Quantity.count(heldBack.size(), "path") + "):");
            Prose.explained(heldBack, HeldBack::path, HeldBack::reason, OTHER_PATHS, answer);
        } else if (!report.heldBack().isEmpty()) {
            list("Not published yet, they keep changing or can't be read", report.heldBack());
        }
        var concerns = report.concerns();
        if (!concerns.isEmpty()) {
            heading("Published, and a Gateway may misunderstand (" + Quantity.count(concerns.size(), "path") + "):");
            Prose.explained(concerns, Concern::path, Concern::reason, OTHER_PATHS, answer);
        }
        if (!report.reported().isEmpty()) {
            list("Left out of the tree, as trees[].report says", report.reported());
        }
    }

    private void list(String what, List<EntryPath> paths) {
        list(what, paths, paths.size(), OTHER_PATHS);
    }

    private void list(String what, List<EntryPath> paths, int count, int limit) {
        heading(what + " (" + Quantity.count(count, "path") + "):");
        Prose.paths(paths, count, limit, answer);
    }

    private void heading(String text) {
        answer.line("");
        answer.line(text, Answer.Style.WARNING);
    }
}
