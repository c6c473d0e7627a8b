package io.lockstep.agent.cli;

/**
 * What the process tells its caller. {@code verify} adds 1 for extra, 2 for missing and 4 for changed entries; the
 * others are those of {@code sysexits.h}.
 */
public enum ExitCode {
    /** Done, and all is as it should be. */
    GOOD(0),
    /** {@code verify}: a node has entries that the reference has not. */
    EXTRA(1),
    /** {@code verify}: a node lacks entries of the reference. */
    MISSING(2),
    /** {@code verify}: a node has entries with another content. */
    CHANGED(4),
    /** {@code verify}: no verdict, because evidence is missing or too old. Never the same as good. */
    UNKNOWN(8),
    /** EX_USAGE: the command line is wrong. */
    USAGE(64),
    /** EX_DATAERR: what was read is malformed. */
    DATA_ERROR(65),
    /** EX_NOINPUT: a named file is not there or can't be read. */
    NO_INPUT(66),
    /** EX_UNAVAILABLE: an agent can't be reached, or something is not installed. */
    UNAVAILABLE(69),
    /** EX_SOFTWARE: a defect of Lockstep. */
    SOFTWARE(70),
    /** EX_OSERR: the operating system refused a process, a thread or a port. */
    OS_ERROR(71),
    /** EX_CANTCREAT: an output exists already or can't be made. */
    CANT_CREATE(73),
    /** EX_IOERR: reading or writing failed. */
    IO_ERROR(74),
    /** EX_TEMPFAIL: not now; trying again later may help. */
    TEMPORARY_FAILURE(75),
    /** EX_NOPERM: a permission is missing. */
    NO_PERMISSION(77),
    /** EX_CONFIG: the configuration is not valid here. */
    CONFIG(78);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    /** The number for {@link System#exit}. */
    public int number() {
        return number;
    }
}
