package io.lockstep.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.cluster.DriftSummary;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.digest.Digest;
import io.lockstep.health.HealthAnswer.State;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthRulesTest {
    private static final HealthLimits LIMITS =
            new HealthLimits(Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(30), TotalOutage.SERVE);
    private static final HealthLimits DRAINING =
            new HealthLimits(Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(30), TotalOutage.DRAIN);
    private static final Digest OTHER = Digest.of(new byte[] {9});

    /** A worker of three nodes that serves the reference from its mount, looked at two seconds ago. */
    private final Snapshots node = new Snapshots().peers("gw1", "gw3");

    @Test
    void aHealthyWorkerIsReadyWithTheAgeOfItsEvidence() {
        var answer = HealthRules.ready(node.make(), LIMITS, Snapshots.NOW);

        assertThat(answer.ok()).isTrue();
        assertThat(answer.state()).isEqualTo(State.OK);
        assertThat(answer.reason()).isEqualTo(Reason.OK);
        assertThat(answer.remedy()).isEqualTo(Reason.OK.remedy());
        assertThat(answer.evidenceAgeSeconds()).isEqualTo(2.0);
        assertThat(answer.observedAt()).isEqualTo(Snapshots.NOW.minusSeconds(2));
        assertThat(answer.mode()).isEqualTo(Mode.SHARED);
        assertThat(answer.epoch()).isEqualTo(3);
        assertThat(answer.generation()).contains(Snapshots.REFERENCE.id());
        assertThat(answer.rootDigest()).contains(Snapshots.REFERENCE.root());
    }

    @ParameterizedTest
    @CsvSource({
        // beat s ago, look s ago, lag s, drift, unknown, serving, mount, reference, expected
        "0, 2, 0, 0, 0, MOUNT, PROVEN, true, OK",
        "5, 2, 0, 0, 0, MOUNT, PROVEN, true, OK",
        "6, 2, 0, 0, 0, MOUNT, PROVEN, true, STALE",
        "0, 60, 0, 0, 0, MOUNT, PROVEN, true, OK",
        "0, 61, 0, 0, 0, MOUNT, PROVEN, true, STALE",
        "0, 2, 30, 0, 0, MOUNT, PROVEN, true, OK",
        "0, 2, 31, 0, 0, MOUNT, PROVEN, true, BEHIND",
        "0, 2, 0, 1, 0, MOUNT, PROVEN, true, DRIFT",
        "0, 2, 0, 0, 1, MOUNT, PROVEN, true, UNKNOWN_ENTRIES",
        "0, 2, 0, 1, 1, MOUNT, PROVEN, true, UNKNOWN_ENTRIES",
        "0, 2, 0, 0, 0, ELSEWHERE, PROVEN, true, NOT_SERVING",
        "0, 2, 0, 0, 0, ABSENT, PROVEN, true, NOT_SERVING",
        "0, 2, 0, 0, 0, MOUNT, LOST, true, SHARE_MISSING",
        "0, 61, 0, 0, 0, MOUNT, LOST, true, SHARE_MISSING",
        "0, 2, 0, 0, 0, REPLICA, LOST, true, OK",
        "0, 2, 0, 0, 0, MOUNT, SUSPECT, true, OK",
        "0, 2, 0, 0, 0, MOUNT, PROVEN, false, NO_GENERATION"
    })
    void aNodeWantsOutOfRotationForItsFirstFault(
            int beatAge,
            int lookAge,
            int lag,
            int drift,
            int unknown,
            Serving serving,
            MountEvidence.State mount,
            boolean reference,
            Reason expected) {
        node.beatAge(beatAge)
                .look(lookAge, Snapshots.REFERENCE.root())
                .serving(serving)
                .mount(mount);
        node.drift(new DriftSummary(drift, 0, 0, unknown));
        if (lag > 0) {
            node.behindFor(lag);
        }
        if (!reference) {
            node.noReference();
        }

        assertThat(HealthRules.fault(node.make(), LIMITS, Snapshots.NOW)).isEqualTo(expected);
        assertThat(HealthRules.ready(node.make(), LIMITS, Snapshots.NOW).ok()).isEqualTo(expected == Reason.OK);
    }

    @Test
    void theLagThatAQuestionAllowsReplacesTheConfiguredOne() {
        node.behindFor(31);

        assertThat(HealthRules.ready(node.make(), LIMITS.withReadyLag(Duration.ofSeconds(31)), Snapshots.NOW)
                        .ok())
                .isTrue();
        assertThat(HealthRules.ready(node.make(), LIMITS.withReadyLag(Duration.ZERO), Snapshots.NOW)
                        .ok())
                .isFalse();
    }

    @Test
    void beforeTheFirstLookANodeIsStartingAndHasNoEvidence() {
        var answer = HealthRules.ready(node.noLook().make(), LIMITS, Snapshots.NOW);

        assertThat(answer.ok()).isFalse();
        assertThat(answer.state()).isEqualTo(State.STARTING);
        assertThat(answer.reason()).isEqualTo(Reason.STARTING);
        assertThat(answer.evidenceAgeSeconds()).isEqualTo(-1.0);
        assertThat(answer.rootDigest()).isEmpty();
    }

    @Test
    void aNodeThatNeverLookedSaysWhyAndIsNeverKeptInRotation() {
        // All three nodes have the same fault, and still: unknown is never OK.
        node.noLook().mount(MountEvidence.State.LOST);
        node.peerFault("gw1", Reason.SHARE_MISSING, null).peerFault("gw3", Reason.SHARE_MISSING, null);

        var answer = HealthRules.ready(node.make(), LIMITS, Snapshots.NOW);

        assertThat(answer.ok()).isFalse();
        assertThat(answer.reason()).isEqualTo(Reason.SHARE_MISSING);
        assertThat(answer.evidenceAgeSeconds()).isEqualTo(-1.0);
    }

    @Test
    void evidenceThatIsTooOldIsStaleForEveryNode() {
        node.look(61, Snapshots.REFERENCE.root());
        node.peerFault("gw1", Reason.STALE, Snapshots.REFERENCE.root());

        var answer = HealthRules.ready(node.make(), LIMITS, Snapshots.NOW);

        assertThat(answer.ok()).isFalse();
        assertThat(answer.state()).isEqualTo(State.STALE);
        assertThat(answer.evidenceAgeSeconds()).isEqualTo(61.0);
    }

    @Test
    void ofThreeNodesWithOneCauseAtMostOneLeaves() {
        assertThat(readyAs("gw1", "gw2", "gw3").ok()).isFalse();
        for (var name : List.of("gw2", "gw3")) {
            var others = name.equals("gw2") ? new String[] {"gw1", "gw3"} : new String[] {"gw1", "gw2"};
            var answer = readyAs(name, others);

            assertThat(answer.ok()).as(name).isTrue();
            assertThat(answer.state()).isEqualTo(State.KEPT);
            assertThat(answer.reason()).isEqualTo(Reason.ROTATION_LIMIT);
        }
    }

    @Test
    void ofTwoNodesWithOneCauseOneLeaves() {
        assertThat(readyAs("gw1", "gw2").ok()).isFalse();
        assertThat(readyAs("gw2", "gw1").ok()).isTrue();
    }

    @Test
    void ofFourNodesWithOneCauseTwoLeave() {
        assertThat(readyAs("gw1", "gw2", "gw3", "gw4").ok()).isFalse();
        assertThat(readyAs("gw2", "gw1", "gw3", "gw4").ok()).isFalse();
        assertThat(readyAs("gw3", "gw1", "gw2", "gw4").ok()).isTrue();
        assertThat(readyAs("gw4", "gw1", "gw2", "gw3").ok()).isTrue();
    }

    @Test
    void aSingleNodeStays() {
        var answer = HealthRules.ready(
                new Snapshots().named("gw1").drift(new DriftSummary(1, 0, 0, 0)).make(), LIMITS, Snapshots.NOW);

        assertThat(answer.ok()).isTrue();
        assertThat(answer.state()).isEqualTo(State.KEPT);
    }

    @Test
    void nodesThatShowDifferentContentHaveDifferentCauses() {
        node.named("gw2").drift(new DriftSummary(1, 0, 0, 0)).look(2, OTHER);
        node.peerFault("gw1", Reason.DRIFT, Snapshots.REFERENCE.root())
                .peerFault("gw3", Reason.DRIFT, Digest.of(new byte[] {8}));

        assertThat(HealthRules.ready(node.make(), LIMITS, Snapshots.NOW).ok()).isFalse();
    }

    @Test
    void aPeerWithAnotherFaultOrOutOfReachDoesNotCount() {
        node.named("gw2").drift(new DriftSummary(1, 0, 0, 0));
        node.peerFault("gw1", Reason.BEHIND, Snapshots.REFERENCE.root())
                .peerFault("gw3", Reason.DRIFT, Snapshots.REFERENCE.root())
                .unreachable("gw3");

        assertThat(HealthRules.ready(node.make(), LIMITS, Snapshots.NOW).ok()).isFalse();
    }

    @Test
    void aSilentManagerIsTakenNoticeOfAndTheNodeStaysReady() {
        node.managerSeen(5);
        assertThat(HealthRules.ready(node.make(), LIMITS, Snapshots.NOW).reason())
                .isEqualTo(Reason.OK);
        node.managerSeen(6);
        var silent = HealthRules.ready(node.make(), LIMITS, Snapshots.NOW);
        node.managerNeverSeen();
        var never = HealthRules.ready(node.make(), LIMITS, Snapshots.NOW);

        assertThat(List.of(silent, never)).allMatch(HealthAnswer::ok);
        assertThat(List.of(silent, never)).extracting(HealthAnswer::reason).containsOnly(Reason.MANAGER_UNREACHABLE);
        assertThat(HealthRules.ready(node.role(Role.MANAGER).make(), LIMITS, Snapshots.NOW)
                        .reason())
                .isEqualTo(Reason.OK);
    }

    @Test
    void withoutItsManagerAWorkerIsNotBlamedForWhatTheShareShows() {
        // Nobody commits what somebody publishes on the share meanwhile.
        node.managerSeen(6).drift(new DriftSummary(0, 1, 0, 0));
        assertThat(HealthRules.fault(node.make(), LIMITS, Snapshots.NOW)).isEqualTo(Reason.OK);

        // A replica shows what this node itself applied, so there it is drift.
        node.serving(Serving.REPLICA);
        assertThat(HealthRules.fault(node.make(), LIMITS, Snapshots.NOW)).isEqualTo(Reason.DRIFT);
    }

    @Test
    void aLivePathThatLeadsElsewhereIsToldThoughNobodyLooksThere() {
        node.serving(Serving.ELSEWHERE).noLook();

        assertThat(HealthRules.ready(node.make(), LIMITS, Snapshots.NOW))
                .matches(answer -> !answer.ok())
                .extracting(HealthAnswer::reason)
                .isEqualTo(Reason.NOT_SERVING);
    }

    @Test
    void aReadyNodeSaysWhyItServesItsReplica() {
        node.serving(Serving.REPLICA);
        assertThat(HealthRules.ready(node.mount(MountEvidence.State.LOST).make(), LIMITS, Snapshots.NOW))
                .matches(HealthAnswer::ok)
                .matches(answer -> answer.reason() == Reason.SHARE_MISSING);
        assertThat(HealthRules.ready(node.mode(Mode.RSYNC, Reason.SHARE_LOST).make(), LIMITS, Snapshots.NOW))
                .matches(HealthAnswer::ok)
                .matches(answer -> answer.reason() == Reason.SHARE_LOST);
    }

    @Test
    void aNodeThatCanNotBeLedAwayFromALostMountSaysSoWithoutNamingPaths() {
        node.serving(Serving.MOUNT).mount(MountEvidence.State.LOST).livePathProblem("/opt/gw/server is stuck");

        var answer = HealthRules.ready(node.make(), LIMITS, Snapshots.NOW);

        assertThat(answer.reason()).isEqualTo(Reason.SHARE_MISSING);
        assertThat(answer.remedy())
                .startsWith(Reason.SHARE_MISSING.remedy())
                .contains("the live path could not be led to the other side")
                .doesNotContain("/opt/gw");
    }

    @Test
    void liveOnlyAsksForTheBeat() {
        node.noLook().noReference().mount(MountEvidence.State.LOST).serving(Serving.ABSENT);

        var alive = HealthRules.live(node.beatAge(5).make(), LIMITS, Snapshots.NOW);
        var stuck = HealthRules.live(node.beatAge(6).make(), LIMITS, Snapshots.NOW);

        assertThat(alive.ok()).isTrue();
        assertThat(alive.evidenceAgeSeconds()).isEqualTo(5.0);
        assertThat(stuck.ok()).isFalse();
        assertThat(stuck.state()).isEqualTo(State.STALE);
        assertThat(stuck.observedAt()).isEqualTo(Snapshots.NOW.minusSeconds(6));
    }

    @Test
    void aClockThatWasSetBackMakesNoAgeNegative() {
        var snapshot = node.beatAge(-3)
                .look(-3, Snapshots.REFERENCE.root())
                .behindFor(-3)
                .make();

        assertThat(HealthRules.live(snapshot, LIMITS, Snapshots.NOW).evidenceAgeSeconds())
                .isZero();
        assertThat(HealthRules.ready(snapshot, LIMITS, Snapshots.NOW).evidenceAgeSeconds())
                .isZero();
        assertThat(snapshot.lag(Snapshots.NOW)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "MANAGER, 0, true, OK, false, NO",
        "WORKER, 0, false, NO, true, OK",
        "MANAGER, 6, false, STALE, false, STALE",
        "WORKER, 6, false, STALE, false, STALE"
    })
    void theRoleEndpointsSayWhichRoleTheNodeHas(
            Role role, int beatAge, boolean manager, State managerState, boolean worker, State workerState) {
        var snapshot = node.role(role).beatAge(beatAge).make();

        var asManager = HealthRules.manager(snapshot, LIMITS, Snapshots.NOW);
        var asWorker = HealthRules.worker(snapshot, LIMITS, Snapshots.NOW);

        assertThat(asManager.ok()).isEqualTo(manager);
        assertThat(asManager.state()).isEqualTo(managerState);
        assertThat(asWorker.ok()).isEqualTo(worker);
        assertThat(asWorker.state()).isEqualTo(workerState);
    }

    @Test
    void aStartingNodeHasNoRoleYet() {
        assertThat(HealthRules.manager(node.role(Role.MANAGER).noLook().make(), LIMITS, Snapshots.NOW))
                .matches(answer -> !answer.ok() && answer.state() == State.STARTING);
    }

    @ParameterizedTest
    @CsvSource({
        "PROVEN, 0, 0, true, OK, OK",
        "PROVEN, 60, 0, true, OK, OK",
        "PROVEN, 61, 0, false, STALE, STALE",
        "PROVEN, 0, 6, false, STALE, STALE",
        "LOST, 0, 0, false, NO, SHARE_MISSING",
        "SUSPECT, 0, 0, false, NO, SHARE_MISSING",
        "UNKNOWN, 0, 0, false, NO, SHARE_MISSING"
    })
    void mountAnswersForTheProof(
            MountEvidence.State state, int age, int beatAge, boolean ok, State expected, Reason reason) {
        var answer = HealthRules.mount(node.mount(state, age).beatAge(beatAge).make(), LIMITS, Snapshots.NOW);

        assertThat(answer.ok()).isEqualTo(ok);
        assertThat(answer.state()).isEqualTo(expected);
        assertThat(answer.reason()).isEqualTo(reason);
        assertThat(answer.evidenceAgeSeconds()).isEqualTo(age);
    }

    @ParameterizedTest
    @CsvSource({
        "SHARED, OK, MOUNT, PROVEN, WORKER, true, OK",
        "SHARED, OK, MOUNT, PROVEN, MANAGER, true, OK",
        "SHARED, OK, MOUNT, SUSPECT, WORKER, false, SHARE_MISSING",
        "SHARED, OK, MOUNT, LOST, WORKER, false, SHARE_MISSING",
        "SHARED, OK, REPLICA, LOST, WORKER, false, SHARE_MISSING",
        "SHARED, OK, REPLICA, PROVEN, MANAGER, false, SHARE_BACK_TOO_SHORT",
        "SHARED, OK, ELSEWHERE, PROVEN, MANAGER, false, NOT_SERVING",
        "RSYNC, SHARE_LOST, REPLICA, LOST, MANAGER, true, OK",
        "RSYNC, SHARE_LOST, REPLICA, LOST, WORKER, false, SHARE_LOST",
        "RSYNC, SHARE_LOST, MOUNT, PROVEN, MANAGER, false, SHARE_LOST",
        "RECONCILING, SHARE_RETURNED, REPLICA, PROVEN, MANAGER, false, SHARE_RETURNED",
        "HOLD, DELETION_GUARD, REPLICA, PROVEN, MANAGER, false, DELETION_GUARD"
    })
    void writableIsWhereAWriteReachesAllNodes(
            Mode mode, Reason why, Serving serving, MountEvidence.State mount, Role role, boolean ok, Reason reason) {
        var answer = HealthRules.writable(
                node.mode(mode, why).serving(serving).mount(mount).role(role).make(), LIMITS, Snapshots.NOW);

        assertThat(answer.ok()).isEqualTo(ok);
        assertThat(answer.reason()).isEqualTo(reason);
        assertThat(answer.state()).isEqualTo(ok ? State.OK : State.NO);
    }

    @Test
    void theManagersReplicaIsNotWritableWhileItComesToAGenerationFromElsewhere() {
        // What its Gateway writes then gives way to that generation, and is a conflict.
        var manager = new Snapshots()
                .role(Role.MANAGER)
                .serving(Serving.REPLICA)
                .mount(MountEvidence.State.LOST)
                .mode(Mode.RSYNC, Reason.SHARE_LOST);
        assertThat(HealthRules.writable(manager.make(), LIMITS, Snapshots.NOW).ok())
                .isTrue();

        var answer = HealthRules.writable(manager.appliedEarlier().make(), LIMITS, Snapshots.NOW);

        assertThat(answer.ok()).isFalse();
        assertThat(answer.reason()).isEqualTo(Reason.BEHIND);
    }

    @Test
    void aShareThatIsNotMountedIsPublishedToByItself() {
        for (var role : Role.values()) {
            var snapshot = new Snapshots().role(role).serving(Serving.REPLICA).shareIsRemote();

            var answer = HealthRules.writable(snapshot.make(), LIMITS, Snapshots.NOW);

            assertThat(answer.ok()).isFalse();
            assertThat(answer.reason()).isEqualTo(Reason.SHARE_REMOTE);
            assertThat(HealthRules.ready(snapshot.make(), LIMITS, Snapshots.NOW).ok())
                    .isTrue();
        }
        var managerWithoutShare = new Snapshots()
                .role(Role.MANAGER)
                .serving(Serving.REPLICA)
                .mode(Mode.RSYNC, Reason.SHARE_LOST)
                .shareIsRemote();
        assertThat(HealthRules.writable(managerWithoutShare.make(), LIMITS, Snapshots.NOW)
                        .ok())
                .isTrue();
    }

    @Test
    void nothingIsWritableOnEvidenceThatIsOldOrMissing() {
        assertThat(HealthRules.writable(
                        new Snapshots().look(61, Snapshots.REFERENCE.root()).make(), LIMITS, Snapshots.NOW))
                .matches(answer -> !answer.ok() && answer.state() == State.STALE);
        assertThat(HealthRules.writable(new Snapshots().noLook().make(), LIMITS, Snapshots.NOW))
                .matches(answer -> !answer.ok() && answer.state() == State.STARTING);
    }

    /** The answer of {@code name}, all nodes having the same drift over the same content. */
    private static HealthAnswer readyAs(String name, String... others) {
        var drifted = new Snapshots()
                .named(name)
                .peers(others)
                .drift(new DriftSummary(1, 0, 0, 0))
                .look(2, OTHER);
        for (var other : others) {
            drifted.peerFault(other, Reason.DRIFT, OTHER);
        }
        assertThat(drifted.make().node()).isEqualTo(new NodeName(name));
        return HealthRules.ready(drifted.make(), LIMITS, Snapshots.NOW);
    }

    /** All nodes have lost the share, and this one serves its replica. */
    private Snapshots totalOutage(Mode mode, Reason why) {
        return new Snapshots()
                .peersMount(MountEvidence.State.LOST)
                .peers("gw1", "gw3")
                .mode(mode, why)
                .mount(MountEvidence.State.LOST)
                .serving(Serving.REPLICA);
    }

    @ParameterizedTest
    @CsvSource({"RSYNC, SHARE_LOST", "HOLD, REPLICA_INCOMPLETE", "HOLD, DELETION_GUARD", "RSYNC, SHARE_DIVERGED"})
    void whenAllHaveLostTheShareNodesServeOnOrLeaveAsTheOperatorWishes(Mode mode, Reason why) {
        var snapshot = totalOutage(mode, why).make();

        var serving = HealthRules.ready(snapshot, LIMITS, Snapshots.NOW);
        assertThat(serving.ok()).isTrue();
        assertThat(serving.state()).isEqualTo(State.OK);
        assertThat(serving.reason()).isEqualTo(Reason.SHARE_LOST);
        assertThat(serving.remedy()).isEqualTo(Reason.SHARE_LOST.remedy());

        var draining = HealthRules.ready(snapshot, DRAINING, Snapshots.NOW);
        assertThat(draining.ok()).isFalse();
        assertThat(draining.state()).isEqualTo(State.UNAVAILABLE);
        assertThat(draining.reason()).isEqualTo(Reason.SHARE_LOST);
        assertThat(HealthRules.memberView(snapshot, DRAINING, Snapshots.NOW).fault())
                .isEqualTo(Reason.SHARE_LOST);
    }

    @Test
    void drainingIsForTheOutageOfAllAlone() {
        var oneAlone = new Snapshots()
                .peers("gw1", "gw3")
                .mount(MountEvidence.State.LOST)
                .serving(Serving.REPLICA);
        assertThat(HealthRules.ready(oneAlone.make(), DRAINING, Snapshots.NOW).ok())
                .isTrue();
        assertThat(HealthRules.ready(
                                oneAlone.mode(Mode.RSYNC, Reason.SHARE_LOST).make(), DRAINING, Snapshots.NOW)
                        .ok())
                .as("a member has the share again")
                .isTrue();
        assertThat(HealthRules.ready(
                                totalOutage(Mode.SHARED, Reason.SHARE_EQUAL).make(), DRAINING, Snapshots.NOW)
                        .ok())
                .as("not decided yet")
                .isTrue();
        assertThat(HealthRules.ready(
                                totalOutage(Mode.RSYNC, Reason.SHARE_LOST)
                                        .mount(MountEvidence.State.PROVEN)
                                        .make(),
                                DRAINING,
                                Snapshots.NOW)
                        .ok())
                .isTrue();
        var unreachable = new Snapshots()
                .peers("gw1", "gw3")
                .unreachable("gw1")
                .unreachable("gw3")
                .mode(Mode.RSYNC, Reason.SHARE_LOST)
                .mount(MountEvidence.State.LOST)
                .serving(Serving.REPLICA);
        assertThat(HealthRules.ready(unreachable.make(), DRAINING, Snapshots.NOW)
                        .reason())
                .as("what an unreachable member said last counts for nothing")
                .isEqualTo(Reason.SHARE_LOST);
    }

    @Test
    void allNodesMayLeaveWhenTheOperatorWantsThem() {
        for (var name : List.of("gw1", "gw2", "gw3")) {
            var snapshot =
                    totalOutage(Mode.RSYNC, Reason.SHARE_LOST).named(name).make();
            assertThat(HealthRules.ready(snapshot, DRAINING, Snapshots.NOW).ok())
                    .as(name)
                    .isFalse();
        }
    }

    @Test
    void withoutAShareANodeStaysWithTheLastGenerationThatItVerified() {
        // The reference was committed, and its content went away with the share before it came here.
        var late = totalOutage(Mode.HOLD, Reason.REPLICA_INCOMPLETE)
                .look(2, OTHER)
                .applied(OTHER)
                .behindFor(31);
        var answer = HealthRules.ready(late.make(), LIMITS, Snapshots.NOW);
        assertThat(answer.ok()).isTrue();
        assertThat(answer.state()).isEqualTo(State.KEPT);
        assertThat(answer.reason()).isEqualTo(Reason.SHARE_LOST);

        // Something that no generation is, is not kept for that.
        late.applied(Digest.of(new byte[] {7}));
        assertThat(HealthRules.ready(late.make(), LIMITS, Snapshots.NOW))
                .matches(other -> !other.ok() && other.reason() == Reason.BEHIND);
        // And staleness always leaves.
        assertThat(HealthRules.ready(late.applied(OTHER).look(61, OTHER).make(), LIMITS, Snapshots.NOW)
                        .state())
                .isEqualTo(State.STALE);
    }

    @ParameterizedTest
    @CsvSource({"READ_ONLY", "NO_SPACE", "NO_PERMISSION"})
    void aShareThatCanOnlyBeReadIsProvenAndNotWritable(Reason reason) {
        var snapshot = node.mount(MountEvidence.State.PROVEN, reason).make();

        var mount = HealthRules.mount(snapshot, LIMITS, Snapshots.NOW);
        assertThat(mount.ok()).isTrue();
        assertThat(mount.state()).isEqualTo(State.OK);
        assertThat(mount.reason()).isEqualTo(reason);
        var writable = HealthRules.writable(snapshot, LIMITS, Snapshots.NOW);
        assertThat(writable.ok()).isFalse();
        assertThat(writable.reason()).isEqualTo(reason);
        assertThat(HealthRules.ready(snapshot, LIMITS, Snapshots.NOW).ok()).isTrue();
    }

    @Test
    void aWorkerWhoseLogIsAnothersSaysSoAndStaysReady() {
        var answer = HealthRules.ready(node.logDiverged().managerSeen(60).make(), LIMITS, Snapshots.NOW);

        assertThat(answer.ok()).isTrue();
        assertThat(answer.reason()).isEqualTo(Reason.LOG_DIVERGED);
    }
}
