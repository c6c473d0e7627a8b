package io.lockstep.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.cluster.AnnouncedBeacon;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.mount.BeaconTrack.Standing;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Stories of one member's beacon. Seconds are of the clock of the node that looks. */
class BeaconTrackTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final NodeName PEER = new NodeName("gw2");
    private static final Sight<Beacon> ABSENT = new Sight.Absent<>();

    private BeaconTrack track = BeaconTrack.of(PEER);

    private static Instant at(double seconds) {
        return START.plusMillis((long) (seconds * 1000));
    }

    private void hears(double second, long incarnation, long seq) {
        track = track.heard(new AnnouncedBeacon(incarnation, seq), at(second));
    }

    private void sees(double second, long incarnation, long seq) {
        looks(second, new Sight.Seen<>(new Beacon(PEER, incarnation, seq)));
    }

    private void looks(double second, Sight<Beacon> sight) {
        track = track.looked(sight, at(second));
    }

    private Standing standing() {
        return track.standing(PATIENCE);
    }

    @Test
    void aMemberWhoseBeaconIsSeenEachTimeIsSeen() {
        for (int second = 0; second < 100; second++) {
            hears(second, 7, second + 1);
            assertThat(standing()).isNotEqualTo(Standing.UNSEEN);
            sees(second + 0.5, 7, second + 1);
            assertThat(standing()).isEqualTo(Standing.SEEN);
            assertThat(track.lag(at(second + 0.9))).isZero();
        }
    }

    @Test
    void aCacheThatShowsThreeSecondsOldBeaconsIsNoFault() {
        for (int second = 0; second < 100; second++) {
            hears(second, 7, second + 10);
            sees(second + 0.5, 7, Math.max(1, second + 10 - 3));
            if (second > 3) {
                assertThat(standing()).isEqualTo(Standing.SEEN);
                assertThat(track.lag(at(second + 0.5))).isEqualTo(Duration.ofMillis(2500));
            }
        }
    }

    @Test
    void aBeaconThatNeverComesIsOpenForItsTimeAndThenUnseen() {
        hears(0, 7, 1);
        looks(1, ABSENT);
        assertThat(standing()).as("never seen here, so nothing speaks for it").isEqualTo(Standing.OPEN);
        looks(15, ABSENT);
        assertThat(standing()).isEqualTo(Standing.OPEN);
        assertThat(track.lag(at(15))).isEqualTo(Duration.ofSeconds(15));
        looks(15.1, ABSENT);
        assertThat(standing()).isEqualTo(Standing.UNSEEN);
        assertThat(track.reason()).isEqualTo(Reason.WRONG_EXPORT);
    }

    @Test
    void aLookFromBeforeTheAnnouncementIsNotBlamed() {
        looks(0, ABSENT);
        hears(1, 7, 1);
        // However long nobody has looked since.
        assertThat(standing()).isEqualTo(Standing.OPEN);
        assertThat(track.lag(at(60))).isEqualTo(Duration.ofSeconds(59));
        sees(60, 7, 1);
        assertThat(standing()).isEqualTo(Standing.SEEN);
    }

    @Test
    void aMemberThatWasSeenHereHasHalfTheTimeBeforeItIsOpen() {
        hears(0, 7, 1);
        sees(0.5, 7, 1);
        hears(1, 7, 2);
        sees(8.5, 7, 1);
        assertThat(standing()).isEqualTo(Standing.SEEN);
        sees(8.6, 7, 1);
        assertThat(standing()).isEqualTo(Standing.OPEN);
        sees(16.1, 7, 1);
        assertThat(standing()).isEqualTo(Standing.UNSEEN);
    }

    @Test
    void theOldestAnnouncementThatIsMissingCounts() {
        hears(0, 7, 1);
        sees(0.5, 7, 1);
        for (int second = 1; second <= 20; second++) {
            hears(second, 7, second + 1);
        }
        sees(17, 7, 2);
        assertThat(track.lag(at(17))).as("since 3 was announced").isEqualTo(Duration.ofSeconds(15));
        assertThat(standing()).isEqualTo(Standing.OPEN);
        sees(18, 7, 12);
        assertThat(standing()).isEqualTo(Standing.SEEN);
    }

    @Test
    void aViewThatMovesOnButTooLateIsStale() {
        hears(0, 7, 1);
        sees(0.5, 7, 1);
        hears(1, 7, 2);
        sees(1.5, 7, 2);
        hears(2, 7, 3);
        sees(17.5, 7, 2);
        assertThat(standing()).isEqualTo(Standing.UNSEEN);
        assertThat(track.reason()).isEqualTo(Reason.STALE_VIEW);
        assertThat(track.text()).isEqualTo("gw2 (at 2, announced 3)");
    }

    @Test
    void aCopyOfTheShareHasABeaconThatNeverMoves() {
        // On the right share at first.
        hears(0, 7, 1);
        sees(0.5, 7, 1);
        hears(1, 7, 2);
        sees(1.5, 7, 2);
        // Then the copy is there, with the beacon as it was when it was copied.
        track = track.elsewhere();
        sees(2.5, 7, 2);
        hears(3, 7, 4);
        sees(3.5, 7, 2);
        sees(18.5, 7, 2);
        assertThat(standing()).isEqualTo(Standing.UNSEEN);
        assertThat(track.reason()).isEqualTo(Reason.WRONG_EXPORT);
    }

    @Test
    void anAgentThatWasStartedAgainBeginsAnew() {
        hears(0, 7, 500);
        sees(0.5, 7, 500);
        hears(1, 7, 501);
        // It starts again, and its first beacon is seen before it is heard of.
        sees(20, 8, 1);
        hears(20.5, 8, 1);
        assertThat(standing()).isEqualTo(Standing.SEEN);
        assertThat(track.lag(at(21))).isZero();
        hears(21, 8, 2);
        sees(21.5, 8, 2);
        assertThat(standing()).isEqualTo(Standing.SEEN);
    }

    @Test
    void whatAnAgentAnnouncedBeforeItWasStartedAgainIsNotWaitedFor() {
        hears(0, 7, 500);
        sees(0.5, 7, 500);
        hears(1, 7, 501);
        hears(20, 8, 1);
        sees(20.5, 8, 1);
        assertThat(standing()).isEqualTo(Standing.SEEN);
        assertThat(track.lag(at(21))).isZero();
    }

    @Test
    void anAgentThatCameBackWithAnotherShareIsOfAnotherRun() {
        hears(0, 7, 500);
        sees(0.5, 7, 500);
        hears(5, 8, 1);
        sees(20.5, 7, 500);
        assertThat(standing()).isEqualTo(Standing.UNSEEN);
        assertThat(track.reason()).isEqualTo(Reason.WRONG_EXPORT);
        assertThat(track.text()).isEqualTo("gw2 (of another run of its agent)");
    }

    @Test
    void aMemberThatLostItsShareIsNotWaitedFor() {
        hears(0, 7, 1);
        sees(0.5, 7, 1);
        hears(1, 7, 2);
        track = track.withdrawn();
        assertThat(track.isAnnouncing()).isFalse();
        assertThat(track.lag(at(100))).isZero();
        hears(100, 7, 50);
        sees(100.5, 7, 50);
        assertThat(standing()).isEqualTo(Standing.SEEN);
    }

    @Test
    void whatWasAnnouncedBeforeAPauseOfTheExchangeStaysToBeSeen() {
        hears(0, 7, 1);
        sees(0.5, 7, 1);
        hears(1, 7, 2);
        track = track.unreachable();
        assertThat(track.isAnnouncing()).as("it is not counted meanwhile").isFalse();
        assertThat(track.lag(at(60))).isZero();
        sees(60, 7, 1);
        hears(61, 7, 62);
        assertThat(standing()).as("it had a minute to show").isEqualTo(Standing.UNSEEN);
        sees(61.5, 7, 62);
        assertThat(standing()).isEqualTo(Standing.SEEN);
    }

    @Test
    void aRefusedLookIsUnseenAtOnce() {
        hears(0, 7, 1);
        sees(0.5, 7, 1);
        hears(1, 7, 2);
        looks(1.5, new Sight.Refused<>("open", "EIO"));
        assertThat(standing()).isEqualTo(Standing.UNSEEN);
        assertThat(track.reason()).isEqualTo(Reason.SHARE_IO_ERROR);
        assertThat(track.text()).isEqualTo("gw2 (open: EIO)");
    }

    @Test
    void aBeaconThatIsBeingWrittenHasItsTime() {
        hears(0, 7, 1);
        sees(0.5, 7, 1);
        hears(1, 7, 2);
        looks(1.5, new Sight.Refused<>("read", "EBADMSG"));
        assertThat(standing()).isEqualTo(Standing.SEEN);
        looks(17, new Sight.Refused<>("read", "EBADMSG"));
        assertThat(standing()).isEqualTo(Standing.UNSEEN);
        assertThat(track.reason()).isEqualTo(Reason.SHARE_IO_ERROR);
    }

    @Test
    void whatIsWaitedForIsBounded() {
        for (int i = 1; i <= 10_000; i++) {
            hears(i * 0.01, 7, i);
        }
        assertThat(track.unseen()).hasSize(BeaconTrack.MAX_UNSEEN);
        assertThat(track.unseen().get(0).beacon().seq()).isEqualTo(1);
        assertThat(track.unseen().get(BeaconTrack.MAX_UNSEEN - 1).beacon().seq())
                .isEqualTo(10_000);
        sees(101, 7, 10_000);
        assertThat(track.unseen()).isEmpty();
    }

    @Test
    void anAnnouncementThatComesTwiceOrLateIsNoNews() {
        hears(0, 7, 5);
        hears(1, 7, 5);
        hears(2, 7, 4);
        assertThat(track.unseen()).hasSize(1);
        assertThat(track.lag(at(3))).isEqualTo(Duration.ofSeconds(3));
        sees(3, 7, 9);
        hears(4, 7, 8);
        assertThat(track.unseen()).isEmpty();
    }
}
