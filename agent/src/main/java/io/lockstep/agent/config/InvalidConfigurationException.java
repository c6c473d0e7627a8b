package io.lockstep.agent.config;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A configuration file was read, and it is not a valid configuration. The message lists every problem. */
public final class InvalidConfigurationException extends Exception {
    private final transient List<Problem> problems;

    /** {@code problems} has one element or more. */
    InvalidConfigurationException(Path file, List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n  ", file + ":\n  ", "")));
        this.problems = List.copyOf(problems);
    }

    /** Every problem found, in the order of the file's sections. */
    public List<Problem> problems() {
        return problems;
    }
}
