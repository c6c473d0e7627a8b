package io.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.lockstep.agent.app.ProcMounts;
import io.lockstep.agent.app.RemoteShareLook;
import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.ConfigurationCheck;
import io.lockstep.agent.config.ConfigurationFile;
import io.lockstep.agent.config.Findings;
import io.lockstep.agent.config.InvalidConfigurationException;
import io.lockstep.agent.config.MountCheck;
import io.lockstep.agent.config.Problem;
import io.lockstep.agent.config.ShareCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Validates a configuration, holds it against this host, and explains what the agent would do. */
@Command(
        name = "check",
        description = "Validates a configuration file and explains what the agent would do with it.",
        footer = {"", "Changes nothing. Exit code 78 when the agent would not start; warnings alone are 0."})
final class CheckCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The configuration file, such as conf/lockstep.yml.")
    private Path file = Path.of("");

    @Mixin
    private OutputOptions output = new OutputOptions();

    /**
     * What JSON and YAML show.
     *
     * @param configuration the effective values; null when the file is not valid in itself
     */
    public record Report(
            String file,
            boolean valid,
            String role,
            List<Problem> errors,
            List<Problem> warnings,
            JsonNode configuration) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        var answer = new Answer.Builder();
        try {
            var configuration = ConfigurationFile.load(file);
            var remote = RemoteShareLook.check(configuration);
            var findings = ConfigurationCheck.host(
                            configuration, System.getenv().getOrDefault("PATH", ""))
                    .and(MountCheck.mounts(configuration, new ProcMounts().read()))
                    .and(ShareCheck.shares(configuration))
                    .and(remote.findings());
            CheckExplanation.explain(configuration, answer);
            if (output.format() != OutputFormat.TSV) {
                remote.good().forEach(sentence -> answer.line(sentence, Answer.Style.GOOD));
            }
            return report(answer, findings, role(configuration), ConfigurationFile.asTree(configuration));
        } catch (InvalidConfigurationException e) {
            return report(answer, new Findings(e.problems(), List.of()), "unknown", NullNode.getInstance());
        }
    }

    private static String role(AgentConfiguration configuration) {
        return configuration.isManager() ? "manager" : "worker";
    }

    private int report(Answer.Builder answer, Findings findings, String role, JsonNode configuration) {
        boolean valid = findings.errors().isEmpty();
        if (output.format() == OutputFormat.TSV) {
            answer.table(List.of("SEVERITY", "KEY", "PROBLEM", "REMEDY"), rows(findings));
        } else {
            // Problems and remedies are sentences; in columns they would not fit any terminal.
            findings.errors().forEach(problem -> tell("error", problem, Answer.Style.BAD, answer));
            findings.warnings().forEach(problem -> tell("warning", problem, Answer.Style.WARNING, answer));
        }
        answer.line("");
        if (valid) {
            answer.line(file + ": good" + count(findings.warnings(), ", with ", "warning"), Answer.Style.GOOD);
        } else {
            answer.line(
                    file + ": the agent would not start:" + count(findings.errors(), " ", "error"), Answer.Style.BAD);
        }
        output.write(answer.build(
                new Report(file.toString(), valid, role, findings.errors(), findings.warnings(), configuration)));
        return (valid ? ExitCode.GOOD : ExitCode.CONFIG).number();
    }

    private static String count(List<Problem> problems, String before, String noun) {
        int count = problems.size();
        return count == 0 ? "" : before + count + " " + noun + (count == 1 ? "" : "s");
    }

    private static void tell(String severity, Problem problem, Answer.Style style, Answer.Builder answer) {
        answer.line("");
        answer.line(severity + ": " + (problem.key().isEmpty() ? "the file" : problem.key()), style);
        answer.line("  " + problem.what() + ".");
        answer.line("  " + problem.remedy() + (problem.remedy().endsWith("?") ? "" : "."));
    }

    private static List<Answer.Row> rows(Findings findings) {
        return Stream.concat(
                        findings.errors().stream().map(problem -> row("error", problem)),
                        findings.warnings().stream().map(problem -> row("warning", problem)))
                .toList();
    }

    private static Answer.Row row(String severity, Problem problem) {
        return Answer.Row.of(severity, problem.key(), problem.what(), problem.remedy());
    }
}
