package io.lockstep.agent.cli;

import io.lockstep.cluster.Hold;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows the plans that wait for an operator. Only the manager knows of any, so it is asked. */
@Command(
        name = "holds",
        description = "Shows the plans that wait for you, as the cluster's manager has them.",
        footer = {"", "Exit code 0 when the manager answered, whether a plan waits or not."})
final class HoldsCommand implements Callable<Integer> {
    @Mixin
    private NodeOptions node = new NodeOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (var connection = node.connect()) {
            var manager = connection.manager();
            var reply = connection.get(manager, "/v1/holds", Hold[].class);
            var holds = List.of(reply.value());
            output.write(
                    output.format() == OutputFormat.TSV
                            ? HoldsText.table(holds, reply.json())
                            : HoldsText.pretty(manager.name(), holds, reply.json()));
        }
        return ExitCode.GOOD.number();
    }
}
