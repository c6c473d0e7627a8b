package io.lockstep.agent.cli;

import io.lockstep.wire.StatusReport;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows the cluster as one node sees it. */
@Command(
        name = "status",
        description = "Shows the cluster as this node sees it: mode, generation, every node, what waits for you.",
        footer = {
            "",
            "Exit code 0 whenever the node answered; 'verify' and 'diff' judge. 69 when its agent is not there.",
            "SEEN is how long ago the asked node heard of the other. With -f tsv the nodes alone, without units."
        })
final class StatusCommand implements Callable<Integer> {
    private static final double LEAST_SECONDS = 0.1;
    private static final double MOST_SECONDS = 3600;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private NodeOptions node = new NodeOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Option(
            names = {"-w", "--watch"},
            arity = "0..1",
            fallbackValue = "2",
            paramLabel = "SECONDS",
            description = "Shows it again every SECONDS (2 when left out), until Ctrl-C.")
    private @Nullable Double watchSeconds;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Double seconds = watchSeconds;
        if (seconds != null && !(seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS)) {
            throw new ParameterException(spec.commandLine(), "--watch takes 0.1 to 3600 seconds, not " + seconds);
        }
        try (var connection = node.connect()) {
            if (seconds == null) {
                show(connection);
            } else {
                Watch.endsWellOnInterrupt();
                new Watch(spec.commandLine().getOut(), Terminal.ofStandardOutput(System.getenv()), Pause.real())
                        .every(Duration.ofMillis(Math.round(seconds * 1000)), () -> show(connection));
            }
        }
        return ExitCode.GOOD.number();
    }

    private void show(NodeConnection connection) throws InterruptedException {
        var reply = connection.get(connection.self(), "/v1/status", StatusReport.class);
        var cluster = connection.configuration().cluster().id();
        output.write(
                output.format() == OutputFormat.TSV
                        ? StatusTable.of(reply.value(), reply.json())
                        : StatusText.pretty(cluster, reply.value(), reply.json()));
    }
}
