package io.lockstep.agent.cli;

import io.lockstep.agent.cli.ConflictSearch.Found;
import io.lockstep.digest.Digest;
import io.lockstep.wire.ConflictReport.Conflict;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Conflicts for people and programs. */
final class ConflictText {
    private static final List<String> COLUMNS = List.of("ID", "NODE", "KIND", "KEPT", "SIZE", "PATH");

    private ConflictText() {}

    private static Object model(ConflictSearch found) {
        return Map.of(
                "nodes",
                found.nodes().stream().map(ConflictSearch.OfNode::json).toList(),
                "unreached",
                found.unreached());
    }

    static Answer pretty(ConflictSearch found) {
        var answer = new Answer.Builder();
        var all = found.all();
        if (all.isEmpty() && found.unreached().isEmpty()) {
            answer.line("No node keeps a conflict.", Answer.Style.GOOD);
        } else if (!all.isEmpty()) {
            answer.table(
                    COLUMNS,
                    all.stream()
                            .map(one -> row(one, Quantity.bytes(one.conflict().sizeBytes())))
                            .toList());
            answer.line("");
            answer.line("  One of them:        lockstep conflicts show ID");
            answer.line("  Keep what is live:  lockstep conflicts take ID --live");
            answer.line("  Take this instead:  lockstep conflicts take ID --share");
        }
        for (var node : found.nodes()) {
            long more = node.report().count() - node.report().conflicts().size();
            if (more > 0) {
                answer.line(node.address().name() + " keeps " + Quantity.count(more) + " more.", Answer.Style.WARNING);
            }
            node.report()
                    .undescribed()
                    .forEach(place -> answer.line(
                            node.address().name() + " can't describe what lies at " + place, Answer.Style.WARNING));
        }
        found.unreached()
                .forEach(node -> answer.line(
                        node.node() + " was not reached, so that its conflicts are unknown: " + node.problem(),
                        Answer.Style.BAD));
        return answer.build(model(found));
    }

    /** For programs: a row a conflict. */
    static Answer table(ConflictSearch found) {
        return new Answer.Builder()
                .table(
                        COLUMNS,
                        found.all().stream()
                                .map(one ->
                                        row(one, String.valueOf(one.conflict().sizeBytes())))
                                .toList())
                .build(model(found));
    }

    private static Answer.Row row(Found found, String size) {
        var conflict = found.conflict();
        return Answer.Row.of(
                conflict.id(),
                found.node().name(),
                conflict.kind().name().toLowerCase(Locale.ROOT),
                conflict.keptAt().toString(),
                size,
                conflict.path().toString());
    }

    /** One conflict in full. */
    static Answer one(Found found) {
        var conflict = found.conflict();
        return new Answer.Builder()
                .line("Conflict " + conflict.id() + " on " + found.node().name() + ": " + conflict.path())
                .line("  " + origin(conflict))
                .line("  Kept:               " + conflict.keptAt())
                .line("  Modified:           " + Instant.EPOCH.plusNanos(conflict.modifiedNanos()))
                .line("  Type, size:         " + conflict.type().name().toLowerCase(Locale.ROOT) + ", "
                        + Quantity.bytes(conflict.sizeBytes()))
                .line("  SHA-256:            "
                        + conflict.digest().map(Digest::toString).orElse("unknown"))
                .line("  It lies at:         " + conflict.content())
                .line("  Keep what is live:  lockstep conflicts take " + conflict.id() + " --live")
                .line("  Take this instead:  lockstep conflicts take " + conflict.id() + " --share")
                .build(found.json());
    }

    private static String origin(Conflict conflict) {
        return switch (conflict.kind()) {
            case MERGE ->
                "Others wrote it to the share, and generation " + conflict.generation() + " had another change there.";
            case WRITE ->
                "It was written on this node alone, and gave way to generation " + conflict.generation() + ".";
        };
    }

    /** What was decided. */
    static Answer taken(Found found, String side) {
        boolean isShare = side.equals("share");
        return new Answer.Builder()
                .line(
                        isShare
                                ? found.conflict().path() + " becomes that of the conflict on all nodes within seconds."
                                : found.conflict().path() + " stays as it is.",
                        Answer.Style.GOOD)
                .line("  What gave way lies in the trash of " + found.node().name() + ".")
                .build(Map.of("taken", side, "node", found.node().name(), "conflict", found.json()));
    }
}
