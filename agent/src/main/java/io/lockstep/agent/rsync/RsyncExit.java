package io.lockstep.agent.rsync;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every exit code that rsync has: those of rsync(1) 3.5.0, section EXIT VALUES, and the rest of its errcode.h (6, 124 to
 * 127). docs/operations.md has the same table.
 *
 * @param code 0 to 127
 * @param text what rsync calls it
 * @param reason what it means here, unless its messages tell more
 */
record RsyncExit(int code, String text, RsyncReason reason) {
    private static final RsyncExit[] ALL = {
        new RsyncExit(0, "success", RsyncReason.COMPLETE),
        new RsyncExit(1, "syntax or usage error", RsyncReason.BAD_ARGUMENTS),
        new RsyncExit(2, "protocol incompatibility", RsyncReason.INCOMPATIBLE),
        new RsyncExit(3, "errors selecting input/output files, directories", RsyncReason.BAD_ARGUMENTS),
        new RsyncExit(4, "requested action not supported", RsyncReason.INCOMPATIBLE),
        new RsyncExit(5, "error starting client-server protocol", RsyncReason.INCOMPATIBLE),
        new RsyncExit(6, "daemon unable to append to log-file", RsyncReason.INTERNAL),
        new RsyncExit(10, "error in socket I/O", RsyncReason.CONNECTION),
        new RsyncExit(11, "error in file I/O", RsyncReason.FILE_IO),
        new RsyncExit(12, "error in rsync protocol data stream", RsyncReason.CONNECTION),
        new RsyncExit(13, "errors with program diagnostics", RsyncReason.INTERNAL),
        new RsyncExit(14, "error in IPC code", RsyncReason.INTERNAL),
        new RsyncExit(15, "sibling process crashed", RsyncReason.INTERNAL),
        new RsyncExit(16, "sibling process was killed by a signal", RsyncReason.KILLED),
        new RsyncExit(19, "received SIGUSR1", RsyncReason.KILLED),
        new RsyncExit(20, "received SIGINT, SIGTERM, or SIGHUP", RsyncReason.KILLED),
        new RsyncExit(21, "some error returned by waitpid()", RsyncReason.INTERNAL),
        new RsyncExit(22, "error allocating core memory buffers", RsyncReason.OUT_OF_MEMORY),
        new RsyncExit(23, "partial transfer due to error", RsyncReason.PARTIAL),
        new RsyncExit(24, "partial transfer due to vanished source files", RsyncReason.VANISHED),
        // It can't happen without --delete, but would leave files undone, too.
        new RsyncExit(25, "the --max-delete limit stopped deletions", RsyncReason.PARTIAL),
        new RsyncExit(30, "timeout in data send/receive", RsyncReason.TIMEOUT),
        new RsyncExit(35, "timeout waiting for daemon connection", RsyncReason.TIMEOUT),
        new RsyncExit(124, "remote shell failed", RsyncReason.INTERNAL),
        new RsyncExit(125, "remote shell killed", RsyncReason.INTERNAL),
        new RsyncExit(126, "command could not be run", RsyncReason.NOT_STARTED),
        new RsyncExit(127, "command not found", RsyncReason.NOT_STARTED),
    };

    private static final Map<Integer, RsyncExit> BY_CODE = byCode();
    /** A shell and Java report a process that a signal ended with this number and the signal's added. */
    private static final int SIGNAL_BASE = 128;
    /** Linux's last signal (signal(7)). */
    private static final int LAST_SIGNAL = 64;

    private static Map<Integer, RsyncExit> byCode() {
        var byCode = new HashMap<Integer, RsyncExit>();
        for (var exit : ALL) {
            byCode.put(exit.code(), exit);
        }
        return Map.copyOf(byCode);
    }

    static Iterable<RsyncExit> all() {
        return List.of(ALL);
    }

    /** What a code is; empty when rsync has no such code. */
    static Optional<RsyncExit> of(int exitCode) {
        return Optional.ofNullable(BY_CODE.get(exitCode));
    }

    /** The signal that ended a process with this code; empty when none did. */
    static Optional<Integer> signalOf(int exitCode) {
        int signal = exitCode - SIGNAL_BASE;
        return signal >= 1 && signal <= LAST_SIGNAL ? Optional.of(signal) : Optional.empty();
    }

    /** The code for people, with what is known of it. */
    static String describe(int exitCode) {
        var signal = signalOf(exitCode);
        if (signal.isPresent()) {
            return "signal " + signal.get();
        }
        return "exit code " + exitCode + ", "
                + of(exitCode).map(RsyncExit::text).orElse("which rsync does not have");
    }
}
