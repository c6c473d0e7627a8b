package io.lockstep.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class StampTest {
    private static final long SCAN = 1_000_000;
    private static final long WINDOW = 100;

    @Test
    void isRacyWhenItChangedLessThanTheWindowBeforeTheScan() {
        assertThat(new Stamp(1, SCAN - WINDOW, 0, 7).isRacy(SCAN, WINDOW)).isFalse();
        assertThat(new Stamp(1, SCAN - WINDOW + 1, 0, 7).isRacy(SCAN, WINDOW)).isTrue();
        assertThat(new Stamp(1, SCAN, 0, 7).isRacy(SCAN, WINDOW)).isTrue();
    }

    @Test
    void theInodesChangeCountsAsMuchAsTheContents() {
        // A program can set an old mtime after a write; it can't set the ctime.
        assertThat(new Stamp(1, 0, SCAN - 1, 7).isRacy(SCAN, WINDOW)).isTrue();
        assertThat(new Stamp(1, 0, SCAN - WINDOW, 7).isRacy(SCAN, WINDOW)).isFalse();
    }

    @Test
    void aTimeInTheFutureIsRacy() {
        assertThat(new Stamp(1, SCAN + 5_000, 0, 7).isRacy(SCAN, WINDOW)).isTrue();
    }

    @Test
    void timesBefore1970AreNotRacy() {
        assertThat(new Stamp(0, -5, -5, 7).isRacy(SCAN, WINDOW)).isFalse();
    }

    @Test
    void refusesANegativeSize() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Stamp(-1, 0, 0, 0));
    }
}
