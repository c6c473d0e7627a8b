package io.lockstep.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.cluster.AnnouncedBeacon;
import io.lockstep.cluster.MountEvidence.State;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.mount.BeaconTrack.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The vote is held against every cluster of up to five nodes. */
class BeaconRuleTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int MOST_NODES = 5;

    /** What there is to know of one other member. */
    private enum Kind {
        SILENT,
        SEEN,
        OPEN,
        UNSEEN
    }

    private static NodeName node(int index) {
        return new NodeName("gw" + index);
    }

    private static BeaconTrack track(int index, Kind kind) {
        var track = BeaconTrack.of(node(index));
        var beacon = new Beacon(node(index), 7, 1);
        var announced = new AnnouncedBeacon(7, 1);
        var absent = new Sight.Absent<Beacon>();
        return switch (kind) {
            case SILENT -> track.looked(absent, T0);
            case SEEN -> track.heard(announced, T0).looked(new Sight.Seen<>(beacon), T0);
            case OPEN -> track.heard(announced, T0).looked(absent, T0.plusSeconds(1));
            case UNSEEN ->
                track.heard(announced, T0).looked(absent, T0.plus(PATIENCE).plusMillis(1));
        };
    }

    @Test
    void eachKindIsWhatItIsCalled() {
        assertThat(track(1, Kind.SEEN).standing(PATIENCE)).isEqualTo(Standing.SEEN);
        assertThat(track(1, Kind.OPEN).standing(PATIENCE)).isEqualTo(Standing.OPEN);
        assertThat(track(1, Kind.UNSEEN).standing(PATIENCE)).isEqualTo(Standing.UNSEEN);
        assertThat(track(1, Kind.SILENT).isAnnouncing()).isFalse();
    }

    @Test
    void aNodeIsProvenWithMostOfThoseThatAnnounceOrWithHalfAndTheManager() {
        int cases = 0;
        for (int peers = 0; peers < MOST_NODES; peers++) {
            for (var kinds : every(peers)) {
                for (int manager = 0; manager <= peers; manager++) {
                    var state = judge(kinds, manager).state();
                    // Node 0 is the one that judges; it always is with itself.
                    int all = 1 + count(kinds, Kind.SEEN) + count(kinds, Kind.OPEN) + count(kinds, Kind.UNSEEN);
                    int sure = 1 + count(kinds, Kind.SEEN);
                    int most = sure + count(kinds, Kind.OPEN);
                    boolean isSureOfManager = manager == 0 || kinds.get(manager - 1) == Kind.SEEN;
                    boolean mayHaveManager = isSureOfManager || kinds.get(manager - 1) == Kind.OPEN;
                    var expected = isEnough(sure, all, isSureOfManager)
                            ? State.PROVEN
                            : isEnough(most, all, mayHaveManager) ? State.SUSPECT : State.LOST;
                    assertThat(state).as("%s, manager %d", kinds, manager).isEqualTo(expected);
                    cases++;
                }
            }
        }
        assertThat(cases).isEqualTo(1 + 4 * 2 + 16 * 3 + 64 * 4 + 256 * 5);
    }

    private static boolean isEnough(int here, int all, boolean hasManager) {
        return here > all - here || (here == all - here && hasManager);
    }

    /** Which export each node has mounted; node 0 is the manager. Every beacon has had its time. */
    @Test
    void twoNodesOnDifferentExportsAreNeverBothProven() {
        for (int nodes = 1; nodes <= MOST_NODES; nodes++) {
            for (var exports : everyMounting(nodes)) {
                var proven = new ArrayList<Integer>();
                for (int self = 0; self < nodes; self++) {
                    if (state(self, exports) == State.PROVEN) {
                        proven.add(self);
                    }
                }
                assertThat(proven.stream().map(exports::get).distinct().count())
                        .as("exports %s, proven %s", exports, proven)
                        .isLessThanOrEqualTo(1);
                for (int self = 0; self < nodes; self++) {
                    long same =
                            exports.stream().filter(exports.get(self)::equals).count();
                    boolean isMost = 2 * same > nodes
                            || (2 * same == nodes && exports.get(self).equals(exports.get(0)));
                    assertThat(proven.contains(self))
                            .as("%d of %s", self, exports)
                            .isEqualTo(isMost);
                }
            }
        }
    }

    private static State state(int self, List<Integer> exports) {
        var tracks = new ArrayList<BeaconTrack>();
        for (int peer = 0; peer < exports.size(); peer++) {
            if (peer != self) {
                boolean isSame = exports.get(peer).equals(exports.get(self));
                tracks.add(track(peer, isSame ? Kind.SEEN : Kind.UNSEEN));
            }
        }
        return BeaconRule.judge(tracks, node(self), node(0), PATIENCE).state();
    }

    @Test
    void aNodeThatHearsNobodyIsProvenByItself() {
        assertThat(judge(List.of(), 0).isOk()).isTrue();
        assertThat(judge(List.of(Kind.SILENT, Kind.SILENT), 1).isOk()).isTrue();
    }

    @Test
    void ofTwoNodesTheOneWithTheManagerIsRight() {
        assertThat(judge(List.of(Kind.UNSEEN), 0).isOk()).isTrue();
        assertThat(judge(List.of(Kind.UNSEEN), 1).isLost()).isTrue();
        assertThat(judge(List.of(Kind.OPEN), 1).state()).isEqualTo(State.SUSPECT);
    }

    @Test
    void aLostVoteSaysWhoIsNotSeen() {
        var verdict = judge(List.of(Kind.SEEN, Kind.UNSEEN, Kind.UNSEEN, Kind.SILENT, Kind.UNSEEN), 2);

        assertThat(verdict.reason()).isEqualTo(Reason.WRONG_EXPORT);
        assertThat(verdict.detail())
                .isEqualTo("the beacons of gw2 (absent), gw3 (absent), gw5 (absent) are not seen here;"
                        + " this node sees 1 of 4");
    }

    @Test
    void whatIsRefusedIsToldBeforeWhatIsAbsentAndThatBeforeWhatIsOld() {
        var old = stale(1);
        var absent = track(2, Kind.UNSEEN);
        var refused = track(3, Kind.UNSEEN).looked(new Sight.Refused<>("open", "ESTALE"), T0.plusSeconds(20));

        assertThat(reason(old)).isEqualTo(Reason.STALE_VIEW);
        assertThat(reason(old, absent)).isEqualTo(Reason.WRONG_EXPORT);
        assertThat(reason(old, absent, refused)).isEqualTo(Reason.STALE_HANDLE);
    }

    private static Reason reason(BeaconTrack... tracks) {
        return BeaconRule.judge(List.of(tracks), node(0), node(1), PATIENCE).reason();
    }

    private static BeaconTrack stale(int index) {
        return BeaconTrack.of(node(index))
                .looked(new Sight.Seen<>(new Beacon(node(index), 7, 1)), T0.minusSeconds(1))
                .looked(new Sight.Seen<>(new Beacon(node(index), 7, 2)), T0)
                .heard(new AnnouncedBeacon(7, 9), T0)
                .looked(new Sight.Seen<>(new Beacon(node(index), 7, 3)), T0.plusSeconds(16));
    }

    private static int count(List<Kind> kinds, Kind kind) {
        return (int) kinds.stream().filter(kind::equals).count();
    }

    private static MountRule.Verdict judge(List<Kind> kinds, int manager) {
        var tracks = IntStream.range(0, kinds.size())
                .mapToObj(i -> track(i + 1, kinds.get(i)))
                .toList();
        return BeaconRule.judge(tracks, node(0), node(manager), PATIENCE);
    }

    private static List<List<Kind>> every(int peers) {
        var all = new ArrayList<List<Kind>>();
        for (int code = 0; code < 1 << (2 * peers); code++) {
            var kinds = new ArrayList<Kind>();
            for (int peer = 0; peer < peers; peer++) {
                kinds.add(Kind.values()[(code >> (2 * peer)) & 3]);
            }
            all.add(kinds);
        }
        return all;
    }

    private static List<List<Integer>> everyMounting(int nodes) {
        var all = new ArrayList<List<Integer>>();
        int codes = (int) Math.pow(nodes, nodes);
        for (int code = 0; code < codes; code++) {
            var exports = new ArrayList<Integer>();
            for (int rest = code, node = 0; node < nodes; node++, rest /= nodes) {
                exports.add(rest % nodes);
            }
            all.add(exports);
        }
        return all;
    }
}
