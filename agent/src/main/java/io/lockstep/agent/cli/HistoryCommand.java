package io.lockstep.agent.cli;

import io.lockstep.wire.GenerationReport;
import io.lockstep.wire.LogPage;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows the last entries of the decision log, as this node has it. */
@Command(
        name = "history",
        description = "Shows the last mode changes and generations of this node's decision log, newest at the end.",
        footer = {
            "",
            "Of a generation: the files that it added (+), changed (*), deleted (-) and moved (>), and how many there were",
            "then. 'restore --generation ID --dry-run' shows what it would bring back. WHEN is the time of the manager's",
            "clock, in UTC. Exit code 0 when the node answered."
        })
final class HistoryCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private NodeOptions node = new NodeOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    /** An older agent does not tell what generations changed; its log says the rest. */
    private void know(NodeConnection connection, HistoryText history) throws InterruptedException {
        try {
            var reply = connection.get(connection.self(), "/v1/generations?n=" + count, GenerationReport[].class);
            history.know(List.of(reply.value()), reply.json());
        } catch (CommandFailure e) {
            if (e.exitCode() != ExitCode.NO_INPUT) {
                throw e;
            }
        }
    }

    @Option(names = "-n", paramLabel = "COUNT", defaultValue = "20", description = "How many entries (default: 20).")
    private int count;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), "-n takes 1 or more, not " + count);
        }
        var history = new HistoryText(count);
        try (var connection = node.connect()) {
            know(connection, history);
            long after = 0;
            boolean hasMore = true;
            while (hasMore) {
                var page = connection.get(connection.self(), "/v1/log?after=" + after, LogPage.class);
                var records = page.value().records();
                for (int i = 0; i < records.size(); i++) {
                    history.add(records.get(i), page.json().path("records").path(i));
                }
                // A page that does not go on would be asked for without end.
                long last = records.isEmpty()
                        ? after
                        : records.get(records.size() - 1).index();
                hasMore = last > after;
                after = last;
            }
        }
        output.write(history.answer());
        return ExitCode.GOOD.number();
    }
}
