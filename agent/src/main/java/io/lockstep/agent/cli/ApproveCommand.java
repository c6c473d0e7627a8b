package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lets the manager go on with a plan that waits. */
@Command(
        name = "approve",
        description = "Lets the manager go on with exactly the plan of this id, within the next hour.",
        footer = {
            "",
            "'holds' lists the plans. An approval is of the files as they were then: when they change, the plan has",
            "another id, and this ends with 66."
        })
final class ApproveCommand implements Callable<Integer> {
    @Mixin
    private HoldDecision decision = new HoldDecision();

    /** What JSON and YAML show. */
    public record Approval(String approved, String manager, JsonNode holds) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        return decision.tell(
                "approve",
                (id, manager, holds) -> new Answer.Builder()
                        .line("Approved " + id + ". " + manager + " goes on with it within seconds.", Answer.Style.GOOD)
                        .line("  Watch it:           lockstep status -w")
                        .build(new Approval(id, manager, holds)));
    }
}
