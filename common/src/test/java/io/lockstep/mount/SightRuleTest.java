package io.lockstep.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.cluster.MountEvidence.State;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.mount.MountRule.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SightRuleTest {
    private static final NodeName SELF = new NodeName("gw1");
    private static final Beacon BEACON = new Beacon(SELF, 7, 17);
    private static final Sight<String> THERE = new Sight.Seen<>("1:2");
    private static final Sight<Marker> OURS = new Sight.Seen<>(new Marker("prod", "4711"));
    private static final Sight<Beacon> WRITTEN = new Sight.Seen<>(BEACON);

    private static Verdict judge(Sight<String> directory, Sight<Marker> marker, Sight<Beacon> written) {
        return judge(new TreeSight("server", directory, marker, written, Map.of()), Map.of("server", "4711"));
    }

    private static Verdict judge(TreeSight tree, Map<String, String> registered) {
        return SightRule.judge(List.of(tree), "prod", registered, Optional.of(BEACON));
    }

    @Test
    void aMarkedShareThatGivesBackWhatWasWrittenIsProven() {
        assertThat(judge(THERE, OURS, WRITTEN)).isEqualTo(Verdict.OK);
        assertThat(judge(THERE, OURS, new Sight.Seen<>(BEACON.next())).isOk()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "EIO, SHARE_IO_ERROR",
        "ETIMEDOUT, SHARE_IO_ERROR",
        "EBADMSG, SHARE_IO_ERROR",
        "E255, SHARE_IO_ERROR",
        "ESTALE, STALE_HANDLE",
        "ENOTCONN, NOT_CONNECTED",
        "ECONNABORTED, NOT_CONNECTED",
        "EHOSTDOWN, NOT_CONNECTED",
        "EROFS, READ_ONLY",
        "ENOSPC, NO_SPACE",
        "EDQUOT, NO_SPACE",
        "EACCES, NO_PERMISSION",
        "EPERM, NO_PERMISSION"
    })
    void aRefusedReadLosesTheShareForItsReason(String errno, Reason reason) {
        var verdicts = List.of(
                judge(new Sight.Refused<>("open", errno), new Sight.NotTried<>(), new Sight.NotTried<>()),
                judge(THERE, new Sight.Refused<>("read", errno), new Sight.NotTried<>()),
                judge(THERE, OURS, new Sight.Refused<>("read", errno)));

        assertThat(verdicts).allSatisfy(verdict -> {
            assertThat(verdict.state()).isEqualTo(State.LOST);
            assertThat(verdict.reason()).isEqualTo(reason);
            assertThat(verdict.detail()).contains("server", errno);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "EROFS, PROVEN, READ_ONLY",
        "ENOSPC, PROVEN, NO_SPACE",
        "EDQUOT, PROVEN, NO_SPACE",
        "EACCES, PROVEN, NO_PERMISSION",
        "EPERM, PROVEN, NO_PERMISSION",
        "EIO, LOST, SHARE_IO_ERROR",
        "ESTALE, LOST, STALE_HANDLE",
        "ENOTCONN, LOST, NOT_CONNECTED"
    })
    void aRefusedWriteMayLeaveAShareThatCanBeRead(String errno, State state, Reason reason) {
        for (var operation : List.of("mkdir", "open", "write", "fsync")) {
            var verdict = judge(THERE, OURS, new Sight.Refused<>(operation, errno));

            assertThat(verdict.state()).as(operation).isEqualTo(state);
            assertThat(verdict.reason()).isEqualTo(reason);
        }
    }

    @Test
    void whatIsNotThereIsNoError() {
        assertThat(judge(new Sight.Absent<>(), new Sight.NotTried<>(), new Sight.NotTried<>())
                        .reason())
                .isEqualTo(Reason.SHARE_MISSING);
        assertThat(judge(THERE, new Sight.Absent<>(), new Sight.NotTried<>()).reason())
                .isEqualTo(Reason.MARKER_MISSING);
        assertThat(judge(THERE, OURS, new Sight.Absent<>()).reason()).isEqualTo(Reason.SHARE_IO_ERROR);
        assertThat(judge(THERE, OURS, new Sight.NotTried<>()).isLost()).isTrue();
    }

    @Test
    void onlyTheRegisteredShareOfThisClusterIsTheShare() {
        var tree = new TreeSight("server", THERE, OURS, WRITTEN, Map.of());

        assertThat(judge(tree, Map.of("server", "4711")).isOk()).isTrue();
        assertThat(judge(tree, Map.of()).isOk()).as("nothing is registered yet").isTrue();
        assertThat(judge(tree, Map.of("tenants", "other")).isOk()).isTrue();
        var anew = judge(tree, Map.of("server", "4712"));
        assertThat(anew.state()).isEqualTo(State.LOST);
        assertThat(anew.reason()).isEqualTo(Reason.MARKER_UNREGISTERED);
        assertThat(anew.detail()).contains("4711", "4712");
        var foreign = SightRule.judge(List.of(tree), "test", Map.of("server", "4711"), Optional.of(BEACON));
        assertThat(foreign.reason()).isEqualTo(Reason.MARKER_FOREIGN);
    }

    @Test
    void aShareThatGivesBackSomethingElseIsNotProven() {
        var old = judge(THERE, OURS, new Sight.Seen<>(new Beacon(SELF, 7, 16)));
        assertThat(old.state()).isEqualTo(State.LOST);
        assertThat(old.reason()).isEqualTo(Reason.STALE_VIEW);
        var others = judge(THERE, OURS, new Sight.Seen<>(new Beacon(SELF, 8, 99)));
        assertThat(others.state()).isEqualTo(State.LOST);
        assertThat(others.detail()).contains("another agent");
    }

    @Test
    void ofSeveralTreesALostOneIsToldBeforeOneThatCanBeRead() {
        var readable = new TreeSight("a", THERE, OURS, new Sight.Refused<>("open", "EROFS"), Map.of());
        var lost = new TreeSight("b", THERE, new Sight.Absent<>(), new Sight.NotTried<>(), Map.of());
        var good = new TreeSight("c", THERE, OURS, WRITTEN, Map.of());

        assertThat(SightRule.judge(List.of(good, readable, lost), "prod", Map.of(), Optional.of(BEACON))
                        .reason())
                .isEqualTo(Reason.MARKER_MISSING);
        assertThat(SightRule.judge(List.of(good, readable), "prod", Map.of(), Optional.of(BEACON))
                        .reason())
                .isEqualTo(Reason.READ_ONLY);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aGlanceLooksAtTheMarkerAlone(boolean ours) {
        var marker = ours ? OURS : new Sight.Absent<Marker>();
        var probe = new Probe.Looked(List.of(new TreeSight("server", THERE, marker, new Sight.NotTried<>(), Map.of())));

        assertThat(MountRule.judge(probe, "prod").isOk()).isEqualTo(ours);
    }

    @Test
    void aProbeThatCameToNothingIsNotProven() {
        var hung = MountRule.judge(new Probe.Hung("read of the marker", Duration.ofSeconds(10)), "prod");
        assertThat(hung.state()).isEqualTo(State.LOST);
        assertThat(hung.reason()).isEqualTo(Reason.SHARE_HUNG);
        assertThat(hung.detail()).contains("read of the marker");
        assertThat(MountRule.judge(new Probe.NotTried(Reason.MOUNT_IO_STUCK, "4 hang"), "prod")
                        .isLost())
                .isTrue();
    }
}
