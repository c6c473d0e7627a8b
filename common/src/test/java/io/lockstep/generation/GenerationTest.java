package io.lockstep.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lockstep.digest.Digest;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationTest {
    private static final Digest ROOT = Digest.of(new byte[1]);

    @Test
    void anIdIsReadAsItIsPrinted() {
        var id = new GenerationId(3, 42);

        assertThat(id).hasToString("3.42");
        assertThat(GenerationId.parse("3.42")).isEqualTo(id);
    }

    @Test
    void idsAreOrderedByEpochThenSeq() {
        assertThat(new GenerationId(2, 1)).isGreaterThan(new GenerationId(1, 9));
        assertThat(new GenerationId(2, 10)).isGreaterThan(new GenerationId(2, 9));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1.", ".1", "1.2.3", "a.b", "0.1", "1.0", "-1.1", "99999999999999999999.1"})
    void refusesWhatIsNoId(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> GenerationId.parse(text));
    }

    @Test
    void onlyTheFirstGenerationHasNoParent() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Generation(new GenerationId(1, 1), ROOT, Optional.of(ROOT), ROOT));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Generation(new GenerationId(1, 2), ROOT, Optional.empty(), ROOT));
    }
}
