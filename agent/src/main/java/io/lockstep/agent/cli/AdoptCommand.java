package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.agent.peer.PeerAddress;
import io.lockstep.wire.AdoptReport;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says whose tree is everybody's, when nodes meet for the first time and have different ones. */
@Command(
        name = "adopt",
        description = "Says whose tree all nodes are to have, when they meet with different ones.",
        footer = {
            "",
            "Before that nothing is written: 'holds' shows what differs, and what is proposed. Whatever a node had and",
            "the chosen tree has not is kept in its conflict store; what the share had is a generation of its own.",
            "A node that could not be reached waits as before: run this again when it is back.",
            "",
            "Exit code 0 when all nodes know; 66 for a name that is no node; 69 or 75 when some node does not."
        })
final class AdoptCommand implements Callable<Integer> {
    @Mixin
    private NodeOptions node = new NodeOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Option(
            names = "--from",
            paramLabel = "NODE",
            description = "The node whose replica it is, or 'share' (default: what 'holds' proposes).")
    private @Nullable String from;

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (var connection = node.connect()) {
            var manager = connection.manager();
            var nodes = new ArrayList<PeerAddress>();
            // The manager decides what the reference is; then the others may give way to it.
            nodes.add(manager);
            connection.members().stream()
                    .filter(member -> !member.equals(manager))
                    .forEach(nodes::add);
            var rows = new ArrayList<Answer.Row>();
            var model = new ArrayList<JsonNode>();
            var failures = new ArrayList<CommandFailure>();
            for (var member : nodes) {
                var query = member.equals(manager) && from != null
                        ? "?from=" + URLEncoder.encode(from, StandardCharsets.UTF_8)
                        : "";
                try {
                    var reply = connection.post(member, "/v1/adopt" + query, AdoptReport.class);
                    rows.add(Answer.Row.of(member.name(), reply.value().said()));
                    model.add(reply.json());
                } catch (CommandFailure e) {
                    if (member.equals(manager)) {
                        throw e;
                    }
                    failures.add(e);
                    rows.add(new Answer.Row(List.of(member.name(), String.valueOf(e.getMessage())), Answer.Style.BAD));
                }
            }
            output.write(
                    new Answer.Builder().table(List.of("NODE", "WHAT"), rows).build(model));
            return failures.isEmpty()
                    ? ExitCode.GOOD.number()
                    : failures.get(0).exitCode().number();
        }
    }
}
