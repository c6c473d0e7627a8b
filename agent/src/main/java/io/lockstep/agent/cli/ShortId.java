package io.lockstep.agent.cli;

import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The id of a plan or a conflict, as people type it: the first digits of a digest. */
final class ShortId {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{12}");

    private ShortId() {}

    /** Refuses the command line when {@code id} is none. */
    static void require(CommandSpec spec, String id) {
        if (!FORM.matcher(id).matches()) {
            throw new ParameterException(spec.commandLine(), "'" + id + "' is not 12 hexadecimal digits");
        }
    }
}
