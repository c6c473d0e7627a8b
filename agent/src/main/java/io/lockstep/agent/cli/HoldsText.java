package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.cluster.Hold;
import java.util.List;

/** Plans that wait for an operator. */
final class HoldsText {
    private HoldsText() {}

    static Answer pretty(String manager, List<Hold> holds, JsonNode json) {
        var answer = new Answer.Builder();
        if (holds.isEmpty()) {
            answer.line("No plan of the manager, " + manager + ", waits for you.", Answer.Style.GOOD);
        }
        holds.forEach(hold -> StatusText.hold(hold, answer));
        return answer.build(json);
    }

    /** For programs: a row a hold. */
    static Answer table(List<Hold> holds, JsonNode json) {
        var rows = holds.stream()
                .map(hold -> Answer.Row.of(
                        hold.id(),
                        hold.reason().toString(),
                        hold.since().toString(),
                        String.valueOf(hold.pathCount()),
                        hold.text(),
                        hold.tree(),
                        String.valueOf(hold.counts().deleted()),
                        hold.approvedUntil().map(String::valueOf).orElse("")))
                .toList();
        return new Answer.Builder()
                .table(List.of("ID", "REASON", "SINCE", "PATHS", "TEXT", "TREE", "DELETED", "APPROVED-UNTIL"), rows)
                .build(json);
    }
}
