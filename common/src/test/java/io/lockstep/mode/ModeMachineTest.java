package io.lockstep.mode;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Reason;
import io.lockstep.mode.ModeDecision.Commit;
import io.lockstep.mode.ModeInput.Relation;
import io.lockstep.mode.ModeInput.Replica;
import io.lockstep.mode.ModeInput.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Every promise is held against every input that there is. */
class ModeMachineTest {
    private static final List<ModeInput> EVERY_INPUT = everyInput();

    @Test
    void everyInputHasADecision() {
        assertThat(EVERY_INPUT).hasSize(4 * 5 * 4 * 5 * 256);
        always((in, out) -> out.mode() != null && out.reason() != null);
    }

    @Test
    void commitsFromTheShareOnlyWhatAProvenShareShows() {
        when(out -> out.commit() == Commit.SHARE)
                .then((in, out) -> in.share() == Share.PROVEN && differs(in.relation()));
    }

    @Test
    void commitsFromTheShareOnlyInSharedMode() {
        when(out -> out.commit() == Commit.SHARE)
                .then((in, out) -> out.mode() == Mode.SHARED && (in.mode() == Mode.SHARED || in.mode() == Mode.HOLD));
    }

    @Test
    void commitsFromTheReplicaOnlyWhereTheManagersReplicaIsTheAuthority() {
        when(out -> out.commit() == Commit.REPLICA)
                .then((in, out) -> (in.mode() == Mode.RSYNC || in.mode() == Mode.RECONCILING)
                        && out.mode() == in.mode()
                        && (in.replica() == Replica.CHANGED || in.replica() == Replica.EXCESSIVE));
    }

    @Test
    void nothingPassesTheGuardWithoutAnApproval() {
        when(out -> out.commit() == Commit.SHARE).then((in, out) -> !in.excessive() || in.approved());
        when(out -> out.commit() == Commit.REPLICA)
                .then((in, out) -> in.replica() != Replica.EXCESSIVE || in.approved());
        when(out -> out.commit() == Commit.MERGE).then((in, out) -> !in.excessive() || in.approved());
    }

    @Test
    void mergesOnlyAProvenShareThatCanBeToldWithAReplicaThatIsTheReference() {
        when(out -> out.commit() == Commit.MERGE)
                .then((in, out) -> in.share() == Share.PROVEN
                        && in.relation() == Relation.OTHER
                        && in.mergeable()
                        && (!in.excessive() || in.approved())
                        && in.replica() == Replica.EQUAL
                        && (in.mode() == Mode.RSYNC || in.mode() == Mode.RECONCILING)
                        && out.mode() == in.mode()
                        && !out.writeShare()
                        && out.hold().isEmpty());
    }

    @Test
    void aShareThatReturnsIsMergedOnlyWhenAMajorityHasProvenItLongEnough() {
        when(out -> out.commit() == Commit.MERGE)
                .and(in -> in.mode() == Mode.RSYNC)
                .then((in, out) -> in.provenLongEnough() && in.majorityProvesShare());
    }

    @Test
    void aShareWithOtherContentIsMergedWhenNothingIsInTheWay() {
        given(in -> in.mode() == Mode.RSYNC || in.mode() == Mode.RECONCILING)
                .and(in -> in.share() == Share.PROVEN && in.relation() == Relation.OTHER)
                .and(in -> in.provenLongEnough() && in.majorityProvesShare())
                .and(in -> in.mergeable() && (!in.excessive() || in.approved()))
                .and(in -> in.replica() == Replica.EQUAL)
                .then((in, out) -> out.commit() == Commit.MERGE);
    }

    @Test
    void whatTheGuardRefusesIsAHoldThatPeopleSee() {
        given(in -> in.mode() == Mode.SHARED || in.mode() == Mode.HOLD)
                .and(in -> in.share() == Share.PROVEN && differs(in.relation()))
                .and(in -> in.excessive() && !in.approved())
                .then((in, out) -> out.mode() == Mode.HOLD
                        && out.hold().filter(Reason.DELETION_GUARD::equals).isPresent());
        given(in -> in.mode() == Mode.RSYNC)
                .and(in -> in.replica() == Replica.EXCESSIVE && !in.approved())
                .then((in, out) -> out.mode() == Mode.RSYNC
                        && out.hold().filter(Reason.DELETION_GUARD::equals).isPresent());
        given(in -> in.mode() == Mode.RSYNC || in.mode() == Mode.RECONCILING)
                .and(in -> in.share() == Share.PROVEN && in.relation() == Relation.OTHER)
                .and(in -> in.provenLongEnough() && in.majorityProvesShare())
                .and(in -> in.mergeable() && in.excessive() && !in.approved())
                .and(in -> in.replica() == Replica.EQUAL)
                .then((in, out) -> out.mode() == Mode.RSYNC
                        && out.hold().filter(Reason.DELETION_GUARD::equals).isPresent());
    }

    @Test
    void aHoldNeverComesWithTheCommitThatItHolds() {
        when(out -> out.hold().filter(Reason.DELETION_GUARD::equals).isPresent())
                .then((in, out) -> out.commit() == Commit.NOTHING && !out.writeShare());
    }

    @Test
    void whatIsSaidOfAShareThatIsNotProvenCountsForNothing() {
        given(in -> in.share() != Share.PROVEN)
                .then((in, out) -> out.equals(ModeMachine.decide(with(in, in.mode(), Relation.UNTOLD))));
    }

    @Test
    void returnsToTheShareOnlyWhenItShowsTheReferenceOrBecomesIt() {
        when(out -> out.mode() == Mode.SHARED)
                .and(in -> in.mode() != Mode.SHARED)
                .then((in, out) -> in.share() == Share.PROVEN
                        && (in.relation() == Relation.EQUAL
                                || (in.mode() == Mode.HOLD && out.commit() == Commit.SHARE)));
    }

    @Test
    void leavesRsyncOnlyWithAMajorityThatHasProvenTheShareLongEnough() {
        when(out -> out.mode() != Mode.RSYNC)
                .and(in -> in.mode() == Mode.RSYNC)
                .then((in, out) -> in.share() == Share.PROVEN
                        && in.majorityProvesShare()
                        && in.provenLongEnough()
                        && in.replica() == Replica.EQUAL);
    }

    @Test
    void reconcilesOnlyAShareThatNobodyElseWroteTo() {
        when(out -> out.mode() == Mode.RECONCILING)
                .and(in -> in.mode() != Mode.RECONCILING)
                .then((in, out) -> in.mode() == Mode.RSYNC && in.relation() == Relation.LINEAGE);
    }

    @Test
    void writesTheShareOnlyWhileReconcilingAShareThatOnlyLags() {
        when(ModeDecision::writeShare)
                .then((in, out) -> in.mode() == Mode.RECONCILING
                        && out.mode() == Mode.RECONCILING
                        && in.share() == Share.PROVEN
                        && in.writable()
                        && in.relation() == Relation.LINEAGE
                        && in.replica() == Replica.EQUAL
                        && out.commit() == Commit.NOTHING
                        && out.hold().isEmpty());
    }

    @Test
    void reconcilingMakesProgressWhenNothingIsInItsWay() {
        given(in -> in.mode() == Mode.RECONCILING && in.share() == Share.PROVEN)
                .and(in -> in.replica() == Replica.EQUAL)
                .then((in, out) -> switch (in.relation()) {
                    case EQUAL -> out.mode() == Mode.SHARED;
                    case LINEAGE -> out.writeShare() == in.writable();
                    case OTHER ->
                        (in.mergeable() && (!in.excessive() || in.approved()))
                                ? out.commit() == Commit.MERGE
                                : out.mode() == Mode.RSYNC;
                    case UNTOLD -> out.mode() == Mode.RECONCILING;
                });
    }

    @Test
    void aShareThatCanOnlyBeReadIsNotGivenARoundOfReconciling() {
        // The manager's Gateway can publish in RSYNC, and nobody's in RECONCILING.
        when(out -> out.mode() == Mode.RECONCILING)
                .and(in -> in.mode() == Mode.RSYNC)
                .then((in, out) -> in.writable());
        given(in -> in.mode() == Mode.RSYNC && !in.writable() && in.relation() == Relation.LINEAGE)
                .then((in, out) -> out.mode() == Mode.RSYNC && !out.writeShare());
    }

    @Test
    void thatAShareCanOnlyBeReadChangesNothingElse() {
        given(in -> !in.writable()).then((in, out) -> {
            var writable = ModeMachine.decide(writable(in));
            return out.equals(writable) || in.relation() == Relation.LINEAGE;
        });
    }

    private static ModeInput writable(ModeInput in) {
        return new ModeInput(
                in.mode(),
                in.share(),
                true,
                in.relation(),
                in.mergeable(),
                in.excessive(),
                in.provenLongEnough(),
                in.anyMemberProvesShare(),
                in.majorityProvesShare(),
                in.replica(),
                in.hasReference(),
                in.approved());
    }

    @Test
    void fallsBackOnlyWhenNobodyHasTheShareAndTheReplicaIsTheReference() {
        when(out -> out.mode() == Mode.RSYNC)
                .and(in -> in.mode() == Mode.SHARED || in.mode() == Mode.HOLD)
                .then((in, out) -> in.share() == Share.NOT_CONFIGURED
                        ? in.replica() != Replica.UNKNOWN || (in.hasReference() && in.replica() == Replica.EQUAL)
                        : in.share() == Share.LOST
                                && !in.anyMemberProvesShare()
                                && in.replica() == Replica.EQUAL
                                && in.hasReference());
    }

    @Test
    void fallsBackWhenNobodyHasTheShareAndTheReplicaIsTheReference() {
        given(in -> in.mode() == Mode.SHARED || in.mode() == Mode.HOLD)
                .and(in -> in.share() == Share.LOST && !in.anyMemberProvesShare())
                .and(in -> in.replica() == Replica.EQUAL && in.hasReference())
                .then((in, out) -> out.mode() == Mode.RSYNC);
    }

    @Test
    void aManagerThatLosesTheShareAloneKeepsTheMode() {
        given(in -> in.mode() == Mode.SHARED && in.share() == Share.LOST && in.anyMemberProvesShare())
                .then((in, out) -> out.mode() == Mode.SHARED && out.commit() == Commit.NOTHING);
    }

    @Test
    void aShareThatIsOnlySuspectedChangesNothing() {
        given(in -> in.share() == Share.SUSPECT || in.share() == Share.UNKNOWN)
                .then((in, out) -> out.mode() == in.mode() && !out.writeShare() && out.commit() != Commit.SHARE);
    }

    @Test
    void aShareThatCameBackWithOtherContentAndCannotBeMergedIsHeldAndLeftAlone() {
        given(in -> in.mode() == Mode.RSYNC && in.share() == Share.PROVEN && in.relation() == Relation.OTHER)
                .and(in -> in.provenLongEnough() && in.majorityProvesShare() && !in.mergeable())
                .then((in, out) -> out.mode() == Mode.RSYNC && out.hold().isPresent() && !out.writeShare());
    }

    @Test
    void decidesTheSameModeAgainWhileNothingChanges() {
        // Else two modes would follow each other in the log for as long as the facts stay.
        always((in, out) ->
                ModeMachine.decide(with(in, out.mode(), in.relation())).mode() == out.mode());
    }

    @Test
    void theReasonFitsTheMode() {
        given(in -> in.share() == Share.PROVEN && in.relation() == Relation.EQUAL && in.mode() == Mode.SHARED)
                .then((in, out) -> out.reason() == Reason.SHARE_EQUAL);
        when(out -> out.reason() == Reason.DELETION_GUARD).then((in, out) -> out.mode() == Mode.HOLD);
        when(out -> out.reason() == Reason.SHARE_RETURNED).then((in, out) -> out.mode() == Mode.RECONCILING);
        when(out -> out.reason() == Reason.NO_GENERATION)
                .then((in, out) -> !in.hasReference() && out.mode() == Mode.HOLD);
    }

    private static boolean differs(Relation relation) {
        return relation == Relation.LINEAGE || relation == Relation.OTHER;
    }

    private static void always(BiPredicate<ModeInput, ModeDecision> promise) {
        new Rule(in -> true, out -> true).then(promise);
    }

    private static Rule given(Predicate<ModeInput> input) {
        return new Rule(input, out -> true);
    }

    private static Rule when(Predicate<ModeDecision> decision) {
        return new Rule(in -> true, decision);
    }

    /** A promise on the inputs and decisions of a class, of which there must be some. */
    private record Rule(Predicate<ModeInput> input, Predicate<ModeDecision> decision) {
        Rule and(Predicate<ModeInput> more) {
            return new Rule(input.and(more), decision);
        }

        void then(BiPredicate<ModeInput, ModeDecision> promise) {
            int cases = 0;
            var broken = new ArrayList<String>();
            for (var in : EVERY_INPUT) {
                var out = ModeMachine.decide(in);
                if (input.test(in) && decision.test(out)) {
                    cases++;
                    if (!promise.test(in, out)) {
                        broken.add(in + " -> " + out);
                    }
                }
            }
            assertThat(broken).isEmpty();
            assertThat(cases).as("cases that the promise is about").isPositive();
        }
    }

    private static ModeInput with(ModeInput in, Mode mode, Relation relation) {
        return new ModeInput(
                mode,
                in.share(),
                in.writable(),
                relation,
                in.mergeable(),
                in.excessive(),
                in.provenLongEnough(),
                in.anyMemberProvesShare(),
                in.majorityProvesShare(),
                in.replica(),
                in.hasReference(),
                in.approved());
    }

    private static List<ModeInput> everyInput() {
        var inputs = new ArrayList<ModeInput>();
        for (var mode : Mode.values()) {
            for (var share : Share.values()) {
                for (var relation : Relation.values()) {
                    for (var replica : Replica.values()) {
                        for (int bits = 0; bits < 256; bits++) {
                            inputs.add(new ModeInput(
                                    mode,
                                    share,
                                    (bits & 64) != 0,
                                    relation,
                                    (bits & 128) != 0,
                                    (bits & 1) != 0,
                                    (bits & 2) != 0,
                                    (bits & 4) != 0,
                                    (bits & 8) != 0,
                                    replica,
                                    (bits & 16) != 0,
                                    (bits & 32) != 0));
                        }
                    }
                }
            }
        }
        return inputs;
    }
}
