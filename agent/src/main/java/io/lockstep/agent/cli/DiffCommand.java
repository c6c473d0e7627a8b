package io.lockstep.agent.cli;

import io.lockstep.wire.DiffReport;
import io.lockstep.wire.StatusReport;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Names the paths in which a tree differs from the reference, as of the agent's last look. */
@Command(
        name = "diff",
        description = "Names the paths in which what the Gateway reads differs from the generation.",
        footer = {
            "",
            "- missing, + extra, * changed, ? can't be told. As of the agent's last look; 'verify' looks anew.",
            "Exit code: 0 no difference, 1 differences, 8 something can't be told or the last look is too old,",
            "75 when that tree can't be seen now."
        })
final class DiffCommand implements Callable<Integer> {
    /** As diff(1) has it. */
    private static final int DIFFERENT = 1;

    @Mixin
    private NodeOptions node = new NodeOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @ArgGroup
    private @Nullable What what;

    /** Which tree; at most one of them. */
    static final class What {
        @Option(names = "--share", description = "Compares the share as this node sees it.")
        private boolean isShare;

        @Option(names = "--replica", description = "Compares this node's own copy.")
        private boolean isReplica;

        String tree() {
            return isShare ? "share" : isReplica ? "replica" : "served";
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (var connection = node.connect()) {
            var tree = what == null ? "served" : what.tree();
            var reply = connection.get(connection.self(), "/v1/diff?what=" + tree, DiffReport.class);
            var diff = reply.value();
            var doubt = tree.equals("served") ? staleness(connection) : Optional.<String>empty();
            if (output.format() == OutputFormat.TSV) {
                output.write(DiffText.table(Optional.of(diff)).build(reply.json()));
            } else {
                output.write(DiffText.pretty(diff, doubt, reply.json()));
            }
            if (doubt.isPresent() || DiffText.isUnknown(diff)) {
                return ExitCode.UNKNOWN.number();
            }
            return diff.counts().total() > 0 ? DIFFERENT : ExitCode.GOOD.number();
        }
    }

    /** Why the last look is too old to go by; the diff itself does not tell its age. */
    private static Optional<String> staleness(NodeConnection connection) throws InterruptedException {
        var self = connection.self();
        var limit = connection.configuration().timing().staleAfter();
        double age = connection.get(self, "/v1/status", StatusReport.class).value().members().stream()
                .filter(member -> member.name().value().equals(self.name()))
                .mapToDouble(StatusReport.Member::evidenceAgeSeconds)
                .findFirst()
                .orElse(-1);
        boolean isFresh = age >= 0 && Duration.ofMillis(Math.round(age * 1000)).compareTo(limit) <= 0;
        return isFresh
                ? Optional.empty()
                : Optional.of(
                        age < 0
                                ? "the agent has not looked yet"
                                : "the agent's last look is " + Quantity.seconds(age)
                                        + " old; see its log, and the load of the host");
    }
}
