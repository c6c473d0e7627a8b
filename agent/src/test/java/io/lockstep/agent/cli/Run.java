package io.lockstep.agent.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** One run of the command line in this process: its exit code and what it wrote. */
record Run(int exitCode, String out, String err) {
    static Run lockstep(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int exitCode = Lockstep.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Run(exitCode, out.toString(), err.toString());
    }
}
