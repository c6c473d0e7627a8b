package io.lockstep.agent.cli;

import java.io.PrintWriter;
import java.time.Duration;

/** Shows something again and again: in place on a terminal, else one after the other. */
final class Watch {
    private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

    private final PrintWriter out;
    private final Terminal terminal;
    private final Pause pause;

    /** What is shown; it flushes the output. */
    @FunctionalInterface
    interface Showing {
        void show() throws InterruptedException;
    }

    Watch(PrintWriter out, Terminal terminal, Pause pause) {
        this.out = out;
        this.terminal = terminal;
        this.pause = pause;
    }

    /** Shows every {@code interval} until the pause ends. An agent that does not answer now may answer next time. */
    void every(Duration interval, Showing showing) throws InterruptedException {
        do {
            if (terminal.isTerminal()) {
                // Not flushed: screen and answer reach the terminal together, so that it does not flicker.
                out.print(CLEAR_SCREEN);
            }
            try {
                showing.show();
            } catch (CommandFailure e) {
                out.println("lockstep: " + e.getMessage());
                out.flush();
            }
        } while (!pause.endsWithin(interval));
    }

    /** Makes Ctrl-C the good end that it is here: the process ends with 0 and not with 130. */
    static void endsWellOnInterrupt() {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(ExitCode.GOOD.number()), "end-watch"));
    }
}
