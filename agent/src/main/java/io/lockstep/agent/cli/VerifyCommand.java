package io.lockstep.agent.cli;

import io.lockstep.agent.config.DurationText;
import io.lockstep.agent.peer.PeerAddress;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Computes every digest of what Gateways read, and judges. */
@Command(
        name = "verify",
        description = "Computes every digest of what the Gateway reads anew, and compares with the generation.",
        footer = {
            "",
            "Exit code: 0 only if all is as the generation says; else the sum of 1 extra, 2 missing, 4 changed entries",
            "and 8 unknown: entries that can't be read, no verdict in time, a newer generation meanwhile.",
            "With --all the sum over all nodes, where a node that does not answer counts as 8."
        })
final class VerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private NodeOptions node = new NodeOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Option(names = "--all", description = "Verifies every node of the cluster, one after the other.")
    private boolean isAll;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "10m",
            converter = DurationConverter.class,
            description = "How long a node may take, such as 30s (default: 10m).")
    private Duration timeout = Duration.ofMinutes(10);

    static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                return DurationText.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("'" + text + "' is not a whole number with a unit, such as 30s");
            }
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (var connection = node.connect()) {
            var run = new VerifyRun(
                    connection,
                    timeout,
                    spec.commandLine().getErr(),
                    Terminal.ofStandardError(System.getenv()),
                    InstantSource.system(),
                    Pause.real());
            boolean isTsv = output.format() == OutputFormat.TSV;
            if (!isAll) {
                var verdict = run.of(connection.self());
                output.write(isTsv ? VerifyText.lines(verdict) : VerifyText.one(verdict));
                return verdict.exitBits();
            }
            var verdicts = all(run, connection.members());
            output.write(isTsv ? VerifyText.table(verdicts) : VerifyText.all(verdicts));
            return verdicts.stream().mapToInt(Verdict::exitBits).reduce(0, (a, b) -> a | b);
        }
    }

    private static List<Verdict> all(VerifyRun run, List<PeerAddress> members) throws InterruptedException {
        var verdicts = new ArrayList<Verdict>();
        for (var member : members) {
            try {
                verdicts.add(run.of(member));
            } catch (CommandFailure e) {
                // The other nodes are verified all the same.
                verdicts.add(Verdict.none(member.name(), String.valueOf(e.getMessage())));
            }
        }
        return verdicts;
    }
}
