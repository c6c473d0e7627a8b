package io.lockstep.cluster;

import java.io.Serial;

/** An entry does not follow from the log: whoever sent it has another log, and is named by the caller. */
public final class RefusedEntryException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    public RefusedEntryException(LogEntry entry, String why) {
        super("refused log entry " + entry.index() + " of epoch " + entry.epoch() + ": " + why);
    }
}
