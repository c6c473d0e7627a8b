package io.lockstep.agent.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * A line that shows how far long work is. It appears on a terminal only, when the work has taken two seconds, and is
 * gone when closed. Not for several threads.
 */
public final class ProgressBar implements AutoCloseable {
    private static final Duration APPEARS_AFTER = Duration.ofSeconds(2);
    private static final Duration REDRAWN_AFTER = Duration.ofMillis(100);
    private static final int CELLS = 30;
    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintWriter out;
    private final boolean isTerminal;
    private final InstantSource clock;
    private final String label;
    private final long total;
    private final Instant start;
    private Instant nextDraw;
    private boolean isShown;

    /**
     * @param out where it is drawn: stderr, so that it never mixes with an answer
     * @param label what is being done, such as {@code verifying}
     * @param total the count at which the work is done; 0 when unknown
     */
    public ProgressBar(PrintWriter out, Terminal terminal, InstantSource clock, String label, long total) {
        this.out = out;
        this.isTerminal = terminal.isTerminal();
        this.clock = clock;
        this.label = label;
        this.total = total;
        start = clock.instant();
        nextDraw = start.plus(APPEARS_AFTER);
    }

    /** Says that {@code done} of the total is done. Cheap enough to be called for every entry. */
    public void update(long done) {
        if (!isTerminal) {
            return;
        }
        var now = clock.instant();
        if (now.isBefore(nextDraw)) {
            return;
        }
        nextDraw = now.plus(REDRAWN_AFTER);
        isShown = true;
        out.print(ERASE_LINE + line(done, Duration.between(start, now)));
        out.flush();
    }

    private String line(long done, Duration taken) {
        var elapsed = taken.toSeconds() + " s";
        if (total <= 0) {
            return label + " " + done + " (" + elapsed + ")";
        }
        double part = Math.min(1, Math.max(0, (double) done / total));
        int full = (int) (part * CELLS);
        return label + " [" + "#".repeat(full) + "-".repeat(CELLS - full) + "] " + (int) (part * 100) + " % " + done
                + "/" + total + " (" + elapsed + ")";
    }

    /** Erases the line if it was drawn. */
    @Override
    public void close() {
        if (isShown) {
            out.print(ERASE_LINE);
            out.flush();
        }
    }
}
