package io.lockstep.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    private final StringWriter drawn = new StringWriter();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);

    private ProgressBar bar(boolean isTerminal, long total) {
        return new ProgressBar(new PrintWriter(drawn), new Terminal(isTerminal, false), now::get, "verifying", total);
    }

    private void passMillis(long millis) {
        now.updateAndGet(before -> before.plusMillis(millis));
    }

    @Test
    void shortWorkShowsNothing() {
        try (var bar = bar(true, 10)) {
            passMillis(1999);
            bar.update(5);
        }

        assertThat(drawn.toString()).isEmpty();
    }

    @Test
    void longWorkIsShownAndErased() {
        try (var bar = bar(true, 10)) {
            passMillis(2000);
            bar.update(5);
            passMillis(99);
            bar.update(6);
        }

        assertThat(drawn.toString())
                .isEqualTo("\r\u001b[Kverifying [###############---------------] 50 % 5/10 (2 s)\r\u001b[K");
    }

    @Test
    void anUnknownTotalIsACount() {
        try (var bar = bar(true, 0)) {
            passMillis(3000);
            bar.update(5);
        }

        assertThat(drawn.toString()).contains("verifying 5 (3 s)");
    }

    @Test
    void withoutATerminalNothingIsEverDrawn() {
        try (var bar = bar(false, 10)) {
            passMillis(9000);
            bar.update(5);
        }

        assertThat(drawn.toString()).isEmpty();
    }
}
