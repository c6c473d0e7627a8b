package io.lockstep.agent.cli;

/** A command ends here: one line for the user, and the exit code. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ExitCode exitCode;

    /**
     * @param what what went wrong, with the path or the address
     * @param remedy what the user does about it
     */
    public CommandFailure(ExitCode exitCode, String what, String remedy) {
        super(what + ". " + remedy);
        this.exitCode = exitCode;
    }

    public ExitCode exitCode() {
        return exitCode;
    }
}
