package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Has the manager put back what a plan that waits would delete. */
@Command(
        name = "reject",
        description = "Refuses the plan of this id: what it would delete is put back where it is missing.",
        footer = {
            "",
            "'holds' lists the plans. On the share, the missing files are written again; in mode RSYNC the manager's own",
            "replica is brought back to the reference, with content of other nodes. New and changed files stay, and are",
            "published as ever. Watch it with 'status -w': when nothing is missing any more, the hold is over. When the",
            "files have changed, the plan has another id, and this ends with 66."
        })
final class RejectCommand implements Callable<Integer> {
    @Mixin
    private HoldDecision decision = new HoldDecision();

    /** What JSON and YAML show. */
    public record Rejection(String rejected, String manager, JsonNode holds) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        return decision.tell(
                "reject",
                (id, manager, holds) -> new Answer.Builder()
                        .line("Rejected " + id + ". " + manager + " puts back what is missing.", Answer.Style.GOOD)
                        .line("  Watch it:           lockstep status -w")
                        .build(new Rejection(id, manager, holds)));
    }
}
