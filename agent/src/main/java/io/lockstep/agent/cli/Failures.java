package io.lockstep.agent.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Comparator;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what ended a command into one line on stderr and an exit code. */
final class Failures {
    private Failures() {}

    /** The command line is wrong. */
    static int usage(ParameterException failure, String[] arguments) {
        var line = failure.getCommandLine();
        var command = line.getCommandSpec().qualifiedName();
        var message = new StringBuilder("lockstep: ").append(firstLine(String.valueOf(failure.getMessage())));
        if (failure instanceof UnmatchedArgumentException unmatched) {
            nearest(unmatched.getUnmatched().get(0), line)
                    .ifPresent(near ->
                            message.append("; did you mean ").append(near).append('?'));
        }
        line.getErr()
                .println(message + " (help: " + (command.equals("lockstep") ? "lockstep help" : command + " --help")
                        + ")");
        return ExitCode.USAGE.number();
    }

    /** The option or the subcommand with the fewest edits from {@code wrong}, if it is near at all. */
    private static Optional<String> nearest(String wrong, CommandLine line) {
        var known = wrong.startsWith("-")
                ? line.getCommandSpec().optionsMap().keySet()
                : line.getSubcommands().keySet();
        var distance = new LevenshteinDistance(Math.max(2, wrong.length() / 3));
        return known.stream()
                .filter(name -> distance.apply(wrong, name) >= 0)
                .min(Comparator.comparing((String name) -> distance.apply(wrong, name)));
    }

    /** A command ended with an exception. */
    static int execution(Exception failure, CommandLine line, ParseResult arguments) {
        var exitCode = exitCode(failure);
        if (exitCode == ExitCode.SOFTWARE) {
            line.getErr().println("lockstep: this is a defect, please report it:");
            failure.printStackTrace(line.getErr());
        } else {
            line.getErr().println("lockstep: " + message(failure));
        }
        return exitCode.number();
    }

    private static ExitCode exitCode(Exception failure) {
        if (failure instanceof CommandFailure command) {
            return command.exitCode();
        }
        if (failure instanceof NoSuchFileException) {
            return ExitCode.NO_INPUT;
        }
        if (failure instanceof AccessDeniedException) {
            return ExitCode.NO_PERMISSION;
        }
        if (failure instanceof FileAlreadyExistsException) {
            return ExitCode.CANT_CREATE;
        }
        return failure instanceof IOException ? ExitCode.IO_ERROR : ExitCode.SOFTWARE;
    }

    private static String message(Exception failure) {
        if (failure instanceof NoSuchFileException missing) {
            return missing.getFile() + " is not there. Check the path";
        }
        if (failure instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied. Run as a user who may, or change its permissions";
        }
        if (failure instanceof FileAlreadyExistsException existing && existing.getReason() == null) {
            return existing.getFile() + " is there already. It is left as it is; move it away or name another";
        }
        if (failure instanceof FileSystemException system && system.getReason() != null) {
            return system.getFile() + ": " + system.getReason();
        }
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("wrong usage");
    }
}
