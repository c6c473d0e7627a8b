package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows and decides conflicts, on whatever node they lie. */
@Command(
        name = "conflicts",
        description = "Shows what was written and is not live, and decides between it and what is.",
        footer = {
            "",
            "  lockstep conflicts                     what all nodes keep",
            "  lockstep conflicts show ID             one of them, and where its content lies",
            "  lockstep conflicts take ID --live      leave what is live; the conflict's content goes to the trash",
            "  lockstep conflicts take ID --share     make the conflict's content live on all nodes; what was live",
            "                                         goes to the trash. Only on the manager",
            "",
            "Nothing is ever dropped before somebody decides. Exit code 0 when it was done; 'list': 69 when a node",
            "was not reached, whose conflicts are unknown."
        })
final class ConflictsCommand implements Callable<Integer> {
    /** What to do. */
    enum Action {
        LIST,
        SHOW,
        TAKE
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private NodeOptions node = new NodeOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "list|show|take",
            defaultValue = "list",
            description = "What to do (default: list).")
    private Action action = Action.LIST;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "ID",
            description = "The conflict's id: 12 hexadecimal digits, as 'list' shows it.")
    private @Nullable String id;

    @Option(names = "--live", description = "With take: what is live stays.")
    private boolean live;

    @Option(names = "--share", description = "With take: what the share, or the node's own write, had becomes live.")
    private boolean share;

    @Override
    public Integer call() throws IOException, InterruptedException {
        check();
        try (var connection = node.connect()) {
            var found = ConflictSearch.ofAll(connection);
            if (action == Action.LIST) {
                output.write(
                        output.format() == OutputFormat.TSV ? ConflictText.table(found) : ConflictText.pretty(found));
                return (found.unreached().isEmpty() ? ExitCode.GOOD : ExitCode.UNAVAILABLE).number();
            }
            var conflict = found.require(String.valueOf(id));
            if (action == Action.SHOW) {
                output.write(ConflictText.one(conflict));
            } else {
                var taken = share ? "share" : "live";
                var path = "/v1/conflicts/" + id + "/take?side=" + taken;
                connection.post(conflict.node(), path, JsonNode.class);
                output.write(ConflictText.taken(conflict, taken));
            }
        }
        return ExitCode.GOOD.number();
    }

    private void check() {
        if (action == Action.LIST) {
            require(id == null, "'list' takes no id");
        } else {
            require(id != null, "the conflict's ID is missing: 'lockstep conflicts' lists them");
            ShortId.require(spec, String.valueOf(id));
        }
        boolean isOneSide = live != share;
        require(
                action == Action.TAKE ? isOneSide : !live && !share,
                "'take', and only that, needs either --live or --share");
    }

    private void require(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }
}
