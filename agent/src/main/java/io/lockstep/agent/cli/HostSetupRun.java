package io.lockstep.agent.cli;

import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.ConfigurationFile;
import io.lockstep.agent.config.InvalidConfigurationException;
import io.lockstep.agent.config.Problem;
import io.lockstep.agent.setup.HostPlan;
import io.lockstep.agent.setup.HostPlanner;
import io.lockstep.agent.setup.HostSetup;
import io.lockstep.agent.setup.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code lockstep setup --host}: prints the plan of a host, and carries it out or back when that is asked for. */
final class HostSetupRun {
    private final Path file;
    private final OutputOptions output;

    HostSetupRun(Path file, OutputOptions output) {
        this.file = file;
        this.output = output;
    }

    /**
     * What JSON and YAML show.
     *
     * @param state {@code planned}, {@code refused}, {@code applied} or {@code undone}; {@code nothing} when there was
     *     nothing to do
     * @param left what an undo left as it is, and why
     */
    public record Report(
            String node,
            String state,
            List<Line> steps,
            List<Problem> obstacles,
            List<String> notes,
            List<String> byHand,
            List<String> left) {}

    /**
     * One step.
     *
     * @param number from 1
     * @param done whether there is nothing left of it to do
     */
    public record Line(int number, String what, String why, String now, String command, boolean done) {}

    ExitCode run(boolean apply, boolean undo) throws IOException, InterruptedException {
        if (apply && !"root".equals(System.getProperty("user.name"))) {
            throw new CommandFailure(ExitCode.NO_PERMISSION, "--apply changes what is root's", "Run it as root");
        }
        var configuration = configuration();
        return undo ? undo(configuration, apply) : forward(configuration, apply);
    }

    private AgentConfiguration configuration() throws IOException {
        try {
            return ConfigurationFile.load(file);
        } catch (InvalidConfigurationException e) {
            throw new CommandFailure(
                    ExitCode.CONFIG, file + ": " + e.problems().get(0), "All problems: lockstep check " + file);
        }
    }

    private ExitCode forward(AgentConfiguration configuration, boolean apply) throws IOException, InterruptedException {
        var answer = new Answer.Builder();
        var plan = HostPlanner.plan(configuration, file);
        var lines = lines(plan);
        var node = configuration.node().name();
        answer.line("Layout of " + node + ", as " + file + " says", Answer.Style.STRONG);
        tell(lines, answer);
        plan.notes().forEach(note -> {
            answer.line("");
            answer.line("Note:", Answer.Style.WARNING);
            Prose.sentence(note, answer);
        });
        if (!plan.obstacles().isEmpty()) {
            plan.obstacles().forEach(problem -> tell(problem, answer));
            answer.line("");
            answer.line("This host is not as expected, so nothing was done.", Answer.Style.BAD);
            write(answer, new Report(node, "refused", lines, plan.obstacles(), plan.notes(), List.of(), List.of()));
            return ExitCode.CONFIG;
        }
        var state = "planned";
        if (plan.isComplete()) {
            answer.line("");
            answer.line("There is nothing to do.", Answer.Style.GOOD);
            state = "nothing";
        } else if (apply) {
            new HostSetup(configuration.node().state()).apply(plan);
            answer.line("");
            answer.line("Done. The way back: lockstep setup --host " + file + " --undo --apply", Answer.Style.GOOD);
            state = "applied";
        } else {
            answer.line("");
            answer.line("Nothing was done. With Gateway and agent stopped, as root: lockstep setup --host " + file
                    + " --apply");
        }
        answer.line("");
        answer.line("By hand:", Answer.Style.STRONG);
        plan.byHand().forEach(line -> answer.line("  " + line));
        var done = apply ? lines(HostPlanner.plan(configuration, file)) : lines;
        write(answer, new Report(node, state, done, List.of(), plan.notes(), plan.byHand(), List.of()));
        return ExitCode.GOOD;
    }

    private static List<Line> lines(HostPlan plan) {
        var lines = new ArrayList<Line>();
        for (var planned : plan.steps()) {
            var step = planned.step();
            lines.add(new Line(
                    lines.size() + 1, step.what(), step.why(), planned.now(), step.command(), planned.hasHappened()));
        }
        return lines;
    }

    private static void tell(List<Line> lines, Answer.Builder answer) {
        for (var line : lines) {
            answer.line("");
            answer.line(
                    line.number() + ". " + line.what() + (line.done() ? "  [done]" : ""),
                    line.done() ? Answer.Style.GOOD : Answer.Style.STRONG);
            Prose.sentence(line.why(), answer);
            answer.line("  Now:     " + line.now());
            line.command().lines().forEach(command -> answer.line("  Command: " + command));
        }
    }

    private static void tell(Problem problem, Answer.Builder answer) {
        answer.line("");
        answer.line("error: " + problem.key(), Answer.Style.BAD);
        Prose.sentence(problem.what() + ".", answer);
        Prose.sentence(problem.remedy() + ".", answer);
    }

    private ExitCode undo(AgentConfiguration configuration, boolean apply) throws IOException {
        var answer = new Answer.Builder();
        var node = configuration.node().name();
        var setup = new HostSetup(configuration.node().state());
        var steps = Files.isDirectory(configuration.node().state()) ? setup.undoable() : List.<Step>of();
        var lines = new ArrayList<Line>();
        answer.line("The way back on " + node, Answer.Style.STRONG);
        for (var step : steps) {
            var line = new Line(lines.size() + 1, "Undo: " + step.what(), step.why(), step.now(), "", false);
            lines.add(line);
            answer.line("");
            answer.line(line.number() + ". " + line.what());
            answer.line("  Now:     " + line.now());
        }
        var state = steps.isEmpty() ? "nothing" : apply ? "undone" : "planned";
        List<String> left = apply ? setup.undo() : List.of();
        left.forEach(each -> answer.line("Left: " + each, Answer.Style.WARNING));
        answer.line("");
        answer.line(
                steps.isEmpty()
                        ? "Setup did nothing on this host that could be undone."
                        : apply
                                ? "Undone."
                                : "Nothing was done. With Gateway and agent stopped, as root: lockstep setup --host "
                                        + file + " --undo --apply");
        write(answer, new Report(node, state, lines, List.of(), List.of(), List.of(), left));
        return ExitCode.GOOD;
    }

    private void write(Answer.Builder answer, Report report) {
        if (output.format() == OutputFormat.TSV) {
            // Commands and reasons are longer than any column; programs get them all the same.
            answer.table(
                    List.of("NUMBER", "STATE", "WHAT", "NOW", "COMMAND"),
                    report.steps().stream()
                            .map(line -> Answer.Row.of(
                                    String.valueOf(line.number()),
                                    line.done() ? "done" : "to do",
                                    line.what(),
                                    line.now(),
                                    line.command()))
                            .toList());
        }
        output.write(answer.build(report));
    }
}
