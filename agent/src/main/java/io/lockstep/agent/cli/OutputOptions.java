package io.lockstep.agent.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every command that answers. */
public final class OutputOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            defaultValue = "pretty",
            description = "pretty, json, yaml or tsv (default: pretty).")
    private OutputFormat format = OutputFormat.PRETTY;

    /** The chosen format. */
    public OutputFormat format() {
        return format;
    }

    /** Writes {@code answer} to the command's output, with colours only on a terminal that wants them. */
    public void write(Answer answer) {
        boolean hasColour = Terminal.ofStandardOutput(System.getenv()).hasColour();
        new Output(command.commandLine().getOut(), format, hasColour).write(answer);
    }
}
