package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

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
    private static final Pattern ID = Pattern.compile("[0-9a-f]{12}");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private NodeOptions node = new NodeOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "ID", description = "The plan's id: 12 hexadecimal digits, as 'holds' shows it.")
    private String id = "";

    /** What JSON and YAML show. */
    public record Approval(String approved, String manager, JsonNode holds) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!ID.matcher(id).matches()) {
            throw new ParameterException(spec.commandLine(), "'" + id + "' is not 12 hexadecimal digits");
        }
        try (var connection = node.connect()) {
            var manager = connection.manager();
            var reply = connection.post(manager, "/v1/holds/" + id + "/approve", JsonNode.class);
            output.write(new Answer.Builder()
                    .line(
                            "Approved " + id + ". " + manager.name() + " goes on with it within seconds.",
                            Answer.Style.GOOD)
                    .line("  Watch it:           lockstep status -w")
                    .build(new Approval(id, manager.name(), reply.json())));
        }
        return ExitCode.GOOD.number();
    }
}
