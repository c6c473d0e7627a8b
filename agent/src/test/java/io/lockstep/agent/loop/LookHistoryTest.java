package io.lockstep.agent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.Stamp;
import io.lockstep.digest.Digest;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LookHistoryTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration INTERVAL = Duration.ofSeconds(15);

    /** Of a share: a look at most each 200 ms, 5 s between the looks that settle something. */
    private final LookHistory looks = new LookHistory(Duration.ofMillis(200), Duration.ofSeconds(5), 1.0);

    private static Instant at(double seconds) {
        return START.plusMillis((long) (seconds * 1000));
    }

    private void look(double seconds, String content) {
        var digest = Digest.of(content.getBytes(StandardCharsets.UTF_8));
        var file = new Finding.RegularFile(EntryPath.of("a"), new Stamp(1, 1, 1, 1), 0644, digest);
        looks.accept(Map.of("server", new Inventory(List.of(file), 0, 0, 0)), at(seconds), at(seconds));
    }

    @Test
    void twoLooksThatAreTooNearSettleNothing() {
        look(0, "1");
        look(4.9, "1");

        assertThat(looks.older()).isEmpty();
        assertThat(looks.isSettled()).isFalse();
    }

    @Test
    void theNewestIsHeldAgainstTheLatestThatIsFarEnough() {
        look(0, "0");
        look(2, "1");
        look(4, "1");
        look(6, "1");
        assertThat(looks.older().orElseThrow().at()).isEqualTo(at(0));
        assertThat(looks.isSettled()).isFalse();

        look(7, "1");
        assertThat(looks.older().orElseThrow().at()).isEqualTo(at(2));
        assertThat(looks.isSettled()).isTrue();
    }

    @Test
    void theTimeThatALookTookDoesNotCount() {
        looks.accept(Map.of(), at(0), at(3));
        looks.accept(Map.of(), at(7), at(8));
        assertThat(looks.older()).isEmpty();

        looks.accept(Map.of(), at(8), at(9));
        assertThat(looks.older()).isPresent();
    }

    @Test
    void newsAsksForALookSoonAndConfirmationForOneThatCanConfirm() {
        look(0, "1");
        assertThat(looks.dueAt(INTERVAL)).isEqualTo(at(15));

        looks.confirm();
        assertThat(looks.dueAt(INTERVAL)).isEqualTo(at(5));

        looks.want();
        assertThat(looks.dueAt(INTERVAL)).as("a sixteenth of the distance").isEqualTo(START.plusNanos(312_500_000));
    }

    @Test
    void looksInBetweenDoNotPutTheConfirmationOff() {
        look(0, "1");
        look(2, "1");
        looks.confirm();
        assertThat(looks.dueAt(INTERVAL)).isEqualTo(at(5));

        look(3, "2");
        looks.confirm();
        assertThat(looks.dueAt(INTERVAL)).isEqualTo(at(8));
    }

    @Test
    void confirmationOfWhatHasSettledKeepsTheDistance() {
        look(0, "1");
        look(5, "1");
        looks.confirm();

        assertThat(looks.dueAt(INTERVAL)).isEqualTo(at(10));
    }

    @Test
    void aPlaceThatWentAwayBeginsANewHistory() {
        look(0, "1");
        looks.forget();
        look(6, "1");

        assertThat(looks.older()).isEmpty();
    }
}
