package io.lockstep.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {
    @ParameterizedTest
    @ValueSource(strings = {"0s", "1ms", "200ms", "30s", "90s", "5m", "24h", "7d", "1500ms", "7ns"})
    void readsBackWhatItWrote(String text) {
        assertThat(DurationText.format(DurationText.parse(text))).isEqualTo(text);
    }

    @Test
    void writesTheLargestUnitThatFits() {
        assertThat(DurationText.format(Duration.ofSeconds(60))).isEqualTo("1m");
        assertThat(DurationText.format(Duration.ofHours(49))).isEqualTo("49h");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "30", "s", "-1s", "1.5s", "30 parsecs", "99999999999999999999s"})
    void refusesWhatIsNotANumberWithAUnit(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> DurationText.parse(text));
    }
}
