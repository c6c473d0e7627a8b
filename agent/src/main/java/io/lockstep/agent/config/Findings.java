package io.lockstep.agent.config;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a check found.
 *
 * @param errors with any of these the agent does not start
 * @param warnings the agent starts, and an operator should look
 */
public record Findings(List<Problem> errors, List<Problem> warnings) {
    public Findings {
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }

    /** These findings and then {@code other}'s. */
    public Findings and(Findings other) {
        return new Findings(
                Stream.concat(errors.stream(), other.errors.stream()).toList(),
                Stream.concat(warnings.stream(), other.warnings.stream()).toList());
    }
}
