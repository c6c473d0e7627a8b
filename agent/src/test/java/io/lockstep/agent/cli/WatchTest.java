package io.lockstep.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WatchTest {
    private final StringWriter out = new StringWriter();

    /** Shows three times; the second time the agent is away. */
    private String watch(boolean isTerminal) throws InterruptedException {
        var writer = new PrintWriter(out);
        var shown = new AtomicInteger();
        new Watch(writer, new Terminal(isTerminal, false), duration -> shown.get() == 3)
                .every(Duration.ofSeconds(2), () -> {
                    if (shown.incrementAndGet() == 2) {
                        throw new CommandFailure(ExitCode.UNAVAILABLE, "no connection", "Start it");
                    }
                    writer.print("answer " + shown.get() + "\n");
                    writer.flush();
                });
        return out.toString();
    }

    @Test
    void aTerminalIsClearedBeforeEachAnswer() throws InterruptedException {
        assertThat(watch(true))
                .startsWith("\u001b[H\u001b[2Janswer 1\n\u001b[H\u001b[2J")
                .endsWith("answer 3\n");
    }

    @Test
    void elsewhereOneAnswerFollowsTheOtherAndAnAbsentAgentEndsNothing() throws InterruptedException {
        assertThat(watch(false)).isEqualTo("answer 1\nlockstep: no connection. Start it\nanswer 3\n");
    }
}
