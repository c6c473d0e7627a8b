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
    public record Rejection(String rejected, String manager, JsonNode holds) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!ID.matcher(id).matches()) {
            throw new ParameterException(spec.commandLine(), "'" + id + "' is not 12 hexadecimal digits");
        }
        try (var connection = node.connect()) {
            var manager = connection.manager();
            var reply = connection.post(manager, "/v1/holds/" + id + "/reject", JsonNode.class);
            output.write(new Answer.Builder()
                    .line("Rejected " + id + ". " + manager.name() + " puts back what is missing.", Answer.Style.GOOD)
                    .line("  Watch it:           lockstep status -w")
                    .build(new Rejection(id, manager.name(), reply.json())));
        }
        return ExitCode.GOOD.number();
    }
}
