package io.lockstep.wire;

import java.util.List;

/**
 * Entries of the decision log: the answer of {@code GET /v1/log?after=INDEX}.
 *
 * @param records in order of their index, at most {@value #MAX_RECORDS}
 */
public record LogPage(List<LogRecord> records) {
    /** The most records in one page. */
    public static final int MAX_RECORDS = 500;

    public LogPage {
        records = List.copyOf(records);
        if (records.size() > MAX_RECORDS) {
            throw new IllegalArgumentException(
                    "a page has at most " + MAX_RECORDS + " log records, not " + records.size());
        }
    }
}
