package io.lockstep.agent.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program: finds the command, runs it and ends with its exit code. */
@Command(
        name = "lockstep",
        description = "Keeps every WSO2 API Gateway serving the same artifacts.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit codes: 0 good; verify: 1 extra + 2 missing + 4 changed + 8 unknown; diff: 1 different, 8 unknown;",
            "64 usage, 65 malformed data, 66 no input, 69 unavailable, 70 defect, 71 operating system,",
            "73 can't create, 74 I/O, 75 try again, 77 no permission, 78 configuration."
        })
public final class Lockstep implements Runnable {
    /** Every command but {@code help}, in the order in which help lists them. A new one is added here. */
    private static final List<Class<?>> COMMANDS = List.of(
            DemoCommand.class,
            AgentCommand.class,
            CheckCommand.class,
            SetupCommand.class,
            StatusCommand.class,
            VerifyCommand.class,
            DiffCommand.class,
            HistoryCommand.class,
            HoldsCommand.class,
            ApproveCommand.class,
            RejectCommand.class,
            RestoreCommand.class,
            ConflictsCommand.class,
            RegisterCommand.class,
            AdoptCommand.class,
            VersionCommand.class);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** The whole command line, with its error handling, ready to execute. */
    public static CommandLine commandLine() {
        var line = new CommandLine(new Lockstep());
        COMMANDS.forEach(line::addSubcommand);
        line.getSubcommands().values().forEach(Lockstep::addHelpOption);
        line.getSubcommands().values().forEach(Lockstep::joinParagraphs);
        addHelpOption(line);
        line.addSubcommand(CommandLine.HelpCommand.class);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler(Failures::usage);
        line.setExecutionExceptionHandler(Failures::execution);
        return line;
    }

    private static void addHelpOption(CommandLine line) {
        line.getCommandSpec()
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Shows this help.")
                        .build());
    }

    /** Joins the lines of each paragraph below a help, so that it is wrapped where its reader's line ends. */
    private static void joinParagraphs(CommandLine line) {
        var usage = line.getCommandSpec().usageMessage();
        var joined = new ArrayList<String>();
        var last = "";
        for (var text : usage.footer()) {
            if (isProse(last) && isProse(text)) {
                joined.set(joined.size() - 1, joined.get(joined.size() - 1) + " " + text);
            } else {
                joined.add(text);
            }
            last = text;
        }
        usage.footer(joined.toArray(String[]::new));
    }

    /** An empty line ends a paragraph, and indented ones are examples. */
    private static boolean isProse(String text) {
        return !text.isBlank() && !text.startsWith(" ");
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    public static void main(String[] arguments) {
        // JDK 17 would write the locale's encoding, and the locale of cron and systemd is often C.
        var line = commandLine()
                .setOut(new PrintWriter(System.out, false, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        int exitCode = line.execute(arguments);
        line.getOut().flush();
        line.getErr().flush();
        System.exit(exitCode);
    }
}
