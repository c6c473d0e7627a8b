package io.lockstep.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.MountEvidence.State;
import io.lockstep.digest.Digest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small values of the cluster's vocabulary. */
class ClusterValuesTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    @ParameterizedTest
    @ValueSource(strings = {"a", "gw1", "gw-1", "0", "a123456789012345678901234567890123456789012345678901234567890bc"})
    void aNodesNameIsADnsLabel(String name) {
        assertThat(new NodeName(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-a",
                "a-",
                "A",
                "a.b",
                "a_b",
                "a b",
                "a\n",
                "../a",
                "\u00e9",
                "a123456789012345678901234567890123456789012345678901234567890bcd"
            })
    void anythingElseIsRefused(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> new NodeName(name));
    }

    @Test
    void namesAreOrdered() {
        assertThat(new NodeName("a")).isLessThan(new NodeName("b"));
    }

    @ParameterizedTest
    @EnumSource(Reason.class)
    void everyReasonSaysWhatAPersonCanDo(Reason reason) {
        assertThat(reason.remedy()).isNotBlank().doesNotEndWith(".").doesNotContain("\n");
    }

    @Test
    void theMetricsNumbersAreFrozen() {
        assertThat(Arrays.stream(Mode.values()).map(m -> m + "=" + m.metricValue()))
                .containsExactly("SHARED=1", "RSYNC=2", "RECONCILING=3", "HOLD=4");
        assertThat(Arrays.stream(Serving.values()).map(s -> s + "=" + s.metricValue()))
                .containsExactly("MOUNT=1", "REPLICA=2", "ELSEWHERE=3", "ABSENT=0");
        assertThat(Arrays.stream(State.values()).map(s -> s + "=" + s.metricValue()))
                .containsExactly("PROVEN=1", "SUSPECT=2", "LOST=3", "UNKNOWN=0");
    }

    @Test
    void theReasonsNamesAreFrozen() {
        // They are labels of metrics and fields of answers that other people's rules match on: only add.
        assertThat(Arrays.stream(Reason.values()).map(Enum::name))
                .contains(
                        "OK",
                        "STARTING",
                        "SHARE_MISSING",
                        "MARKER_MISSING",
                        "MARKER_FOREIGN",
                        "SHARE_IO_ERROR",
                        "SHARE_HUNG",
                        "SHARE_BACK_TOO_SHORT",
                        "DRIFT",
                        "BEHIND",
                        "NOT_SERVING",
                        "STALE",
                        "UNKNOWN_ENTRIES",
                        "REPLICA_BROKEN",
                        "REPLICA_INCOMPLETE",
                        "MANAGER_UNREACHABLE",
                        "ROTATION_LIMIT",
                        "DELETION_GUARD",
                        "SHARE_DIVERGED",
                        "SHARE_LOST",
                        "SHARE_RETURNED",
                        "SHARE_EQUAL",
                        "OPERATOR",
                        "NO_GENERATION");
    }

    @Test
    void evidenceKeepsTheTimeSinceWhenAStateHolds() {
        var first = evidence(State.LOST, Reason.SHARE_MISSING, 0);
        var again = first.followedBy(evidence(State.LOST, Reason.MARKER_MISSING, 10));
        var back = again.followedBy(evidence(State.PROVEN, Reason.OK, 20));
        var lost = back.followedBy(evidence(State.LOST, Reason.SHARE_MISSING, 30));

        assertThat(again.since()).isEqualTo(T0);
        assertThat(again.observedAt()).isEqualTo(T0.plusSeconds(10));
        assertThat(again.reason()).isEqualTo(Reason.MARKER_MISSING);
        assertThat(back.since()).isEqualTo(T0.plusSeconds(20));
        assertThat(back.isProven()).isTrue();
        assertThat(lost.since()).isEqualTo(T0.plusSeconds(30));
    }

    @Test
    void onlyProvenEvidenceIsOk() {
        for (var state : List.of(State.SUSPECT, State.LOST, State.UNKNOWN)) {
            assertThatIllegalArgumentException().isThrownBy(() -> evidence(state, Reason.OK, 0));
        }
        assertThat(evidence(State.PROVEN, Reason.OK, 0).isWritable()).isTrue();
        assertThat(MountEvidence.notYet(T0).state()).isEqualTo(State.UNKNOWN);
        assertThat(MountEvidence.notYet(T0).isProven()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(Reason.class)
    void provenEvidenceCanBeOfAShareThatIsOnlyReadable(Reason reason) {
        var readable = List.of(Reason.READ_ONLY, Reason.NO_SPACE, Reason.NO_PERMISSION);
        assertThat(MountEvidence.leavesReadable(reason)).isEqualTo(readable.contains(reason));
        if (readable.contains(reason)) {
            assertThat(evidence(State.PROVEN, reason, 0).isProven()).isTrue();
            assertThat(evidence(State.PROVEN, reason, 0).isWritable()).isFalse();
        } else if (reason != Reason.OK) {
            assertThatIllegalArgumentException().isThrownBy(() -> evidence(State.PROVEN, reason, 0));
            assertThat(evidence(State.LOST, reason, 0).isWritable()).isFalse();
        }
    }

    @Test
    void anAnnouncedBeaconHasAnIncarnationAndANumber() {
        assertThat(new AnnouncedBeacon(-1, 1).seq()).isEqualTo(1);
        assertThatIllegalArgumentException().isThrownBy(() -> new AnnouncedBeacon(0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new AnnouncedBeacon(1, 0));
    }

    @Test
    void driftAddsUp() {
        assertThat(new DriftSummary(1, 2, 3, 4).total()).isEqualTo(10);
        assertThat(DriftSummary.NONE.total()).isZero();
    }

    @Test
    void aHoldListsAThousandPathsAndSaysHowManyThereAre() {
        var plan = Digest.of(new byte[1]);
        var thousand = Collections.nCopies(1_000, EntryPath.of("a"));
        var hold = new Hold(plan.abbreviated(), Reason.DELETION_GUARD, plan, "text", thousand, 5_000, T0);

        assertThat(hold.pathCount()).isEqualTo(5_000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Hold(
                        plan.abbreviated(),
                        Reason.DELETION_GUARD,
                        plan,
                        "text",
                        Collections.nCopies(1_001, EntryPath.of("a")),
                        5_000,
                        T0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Hold(
                        plan.abbreviated(), Reason.DELETION_GUARD, plan, "text", List.of(EntryPath.of("a")), 0, T0));
    }

    private static MountEvidence evidence(State state, Reason reason, int seconds) {
        var at = T0.plusSeconds(seconds);
        return new MountEvidence(state, reason, "seen", at, at);
    }
}
