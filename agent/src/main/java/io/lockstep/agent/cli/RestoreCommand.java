package io.lockstep.agent.cli;

import io.lockstep.agent.peer.PeerAddress;
import io.lockstep.wire.RestoreReport;
import io.lockstep.wire.RestoreReport.State;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes the content of an earlier generation the next generation. */
@Command(
        name = "restore",
        description = "Brings back an earlier generation, or one file or directory of it, as a new generation.",
        footer = {
            "",
            "'history' lists the generations. History is never rewritten: what is replaced or deleted now can be restored",
            "in turn. Look first: --dry-run shows each file that is added, changed, deleted or moved, and the plan's",
            "digest. A restore that deletes more than the guard allows goes on at once with --approve DIGEST, and waits",
            "for 'approve' without.",
            "",
            "Exit code 0 when it is the reference, or a dry run; 66 for a generation or path that never was; 69 when some",
            "content is nowhere to be had, with the paths; 75 when it waits for an approval, or the reference changed",
            "meanwhile."
        })
final class RestoreCommand implements Callable<Integer> {
    private static final Pattern GENERATION = Pattern.compile("[1-9][0-9]{0,17}\\.[1-9][0-9]{0,17}");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(500);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private NodeOptions node = new NodeOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Option(
            names = "--generation",
            required = true,
            paramLabel = "GENERATION",
            description = "The generation to bring back, such as 1.42.")
    private String generation = "";

    @Option(
            names = "--path",
            paramLabel = "PATH",
            description = "One file or directory alone, beginning with the tree's name (default: everything).")
    private @Nullable String path;

    @Option(names = "--dry-run", description = "Shows the plan and its digest, and changes nothing.")
    private boolean dryRun;

    @Option(
            names = "--approve",
            paramLabel = "DIGEST",
            description = "The digest of the plan, as --dry-run shows it: it may delete more than the guard allows.")
    private @Nullable String approve;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!GENERATION.matcher(generation).matches()) {
            throw new ParameterException(
                    spec.commandLine(), "'" + generation + "' is no generation such as 1.42; see: lockstep history");
        }
        if (approve != null && !DIGEST.matcher(approve).matches()) {
            throw new ParameterException(spec.commandLine(), "'" + approve + "' is not 64 hexadecimal digits");
        }
        var query = "?generation=" + generation
                + (path == null ? "" : "&path=" + URLEncoder.encode(path, StandardCharsets.UTF_8))
                + (approve == null ? "" : "&approve=" + approve);
        try (var connection = node.connect()) {
            var manager = connection.manager();
            var reply = dryRun
                    ? connection.get(manager, "/v1/restore" + query, RestoreReport.class)
                    : ended(connection, manager, query);
            output.write(
                    output.format() == OutputFormat.TSV
                            ? RestoreText.table(reply.value(), reply.json())
                            : RestoreText.pretty(manager.name(), reply.value(), reply.json()));
            return exitCode(reply.value());
        }
    }

    private static NodeConnection.Reply<RestoreReport> ended(
            NodeConnection connection, PeerAddress manager, String query) throws InterruptedException {
        var reply = connection.post(manager, "/v1/restore" + query, RestoreReport.class);
        var pause = Pause.real();
        while (reply.value().state() == State.RUNNING && !pause.endsWithin(BETWEEN_QUESTIONS)) {
            reply = connection.get(manager, "/v1/restore/last", RestoreReport.class);
        }
        return reply;
    }

    private static int exitCode(RestoreReport report) {
        return switch (report.state()) {
            case PLANNED, COMMITTED, NOTHING_TO_DO -> ExitCode.GOOD.number();
            case HELD, RUNNING -> ExitCode.TEMPORARY_FAILURE.number();
            case REFUSED -> (report.missing().isEmpty() ? ExitCode.TEMPORARY_FAILURE : ExitCode.UNAVAILABLE).number();
        };
    }
}
