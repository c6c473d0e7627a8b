package io.lockstep.agent.cli;

import io.lockstep.wire.ShareRegistration;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Has the manager take the share that it sees now for the cluster's. */
@Command(
        name = "register",
        description = "Has the manager take the share that it sees now for this cluster's share of a tree.",
        footer = {
            "",
            "Only for a share that was marked anew (setup --share) or is another one on purpose: every node loses any",
            "other share. Look at it first, on the manager: findmnt, and what it holds.",
            "",
            "Exit code 0 when it is registered, whether it was before or not; 66 for a tree that the manager does not",
            "have; 75 when the manager does not see a share with this cluster's marker."
        })
final class RegisterCommand implements Callable<Integer> {
    @Mixin
    private NodeOptions node = new NodeOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Option(names = "--tree", paramLabel = "NAME", description = "One tree alone (default: every tree).")
    private @Nullable String tree;

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (var connection = node.connect()) {
            var manager = connection.manager();
            var query = tree == null ? "" : "?tree=" + URLEncoder.encode(tree, StandardCharsets.UTF_8);
            var reply = connection.post(manager, "/v1/shares/register" + query, ShareRegistration[].class);
            var shares = List.of(reply.value());
            var answer = output.format() == OutputFormat.TSV ? table(shares) : pretty(manager.name(), shares);
            output.write(answer.build(reply.json()));
        }
        return ExitCode.GOOD.number();
    }

    private static Answer.Builder table(List<ShareRegistration> shares) {
        return new Answer.Builder()
                .table(
                        List.of("TREE", "BEFORE", "AFTER"),
                        shares.stream()
                                .map(share -> Answer.Row.of(
                                        share.tree(), share.before().orElse(""), share.after()))
                                .toList());
    }

    private static Answer.Builder pretty(String manager, List<ShareRegistration> shares) {
        var answer = new Answer.Builder();
        for (var share : shares) {
            if (share.isNew()) {
                answer.line(
                        "Tree " + share.tree() + ": " + manager + " registered share " + share.after() + ".",
                        Answer.Style.GOOD);
                answer.line("  Before:             " + share.before().orElse("none"));
            } else {
                answer.line("Tree " + share.tree() + ": share " + share.after() + " was registered already.");
            }
        }
        return answer.line("  Watch it:           lockstep status -w");
    }
}
