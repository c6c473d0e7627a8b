package io.lockstep.mode;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Every promise is held against every input that there is. */
class NodeMachineTest {
    private static final List<NodeInput> EVERY_INPUT = everyInput();

    @Test
    void everyInputHasADecision() {
        assertThat(EVERY_INPUT).hasSize(2 * 4 * 4 * 4 * 64);
        promise(in -> true, out -> true, (in, out) -> out.flip() != null);
    }

    @Test
    void goesToTheMountOnlyWhenAProvenMountShowsTheReference() {
        promise(
                in -> true,
                out -> flipsTo(out, Serving.MOUNT),
                (in, out) -> in.mode() == Mode.SHARED
                        && in.mount() == MountEvidence.State.PROVEN
                        && in.mountShowsReference());
    }

    @Test
    void goesBackToTheMountOnlyBetweenEqualTreesAndAfterTheSettledTime() {
        promise(
                in -> in.serving() == Serving.REPLICA,
                out -> flipsTo(out, Serving.MOUNT),
                (in, out) -> in.mountShowsReference() && in.replicaShowsReference() && in.provenLongEnough());
    }

    @Test
    void goesToTheReplicaOnlyWhenTheReplicaIsWhole() {
        promise(in -> true, out -> flipsTo(out, Serving.REPLICA), (in, out) -> in.replicaIsWhole());
    }

    @Test
    void leavesTheMountOnlyWhenItIsLostOrNotInUse() {
        promise(
                in -> in.serving() == Serving.MOUNT,
                out -> flipsTo(out, Serving.REPLICA),
                (in, out) ->
                        in.mode() == Mode.RSYNC || in.mode() == Mode.HOLD || in.mount() == MountEvidence.State.LOST);
    }

    @Test
    void leavesALostMountAsSoonAsTheReplicaIsWhole() {
        promise(
                in -> in.serving() == Serving.MOUNT && in.mount() == MountEvidence.State.LOST && in.replicaIsWhole(),
                out -> true,
                (in, out) -> flipsTo(out, Serving.REPLICA));
    }

    @Test
    void leavesAloneWhatAPersonLedElsewhere() {
        promise(
                in -> in.serving() == Serving.ELSEWHERE,
                out -> true,
                (in, out) -> out.flip().isEmpty());
    }

    @Test
    void neverFlipsToWhereItIsOrToNothing() {
        promise(
                in -> true,
                out -> out.flip().isPresent(),
                (in, out) -> out.flip().filter(in.serving()::equals).isEmpty()
                        && (flipsTo(out, Serving.MOUNT) || flipsTo(out, Serving.REPLICA)));
    }

    @Test
    void neverFlipsForthAndBackWhileNothingChanges() {
        promise(
                in -> true,
                out -> out.flip().isPresent(),
                (in, out) -> NodeMachine.decide(with(in, out.flip().orElseThrow()))
                        .flip()
                        .isEmpty());
    }

    @Test
    void withoutAMountTheLivePathOnlyEverLeadsToTheReplica() {
        // A share that is not mounted shows no reference on any mount, however well it is proven.
        promise(
                in -> !in.mountShowsReference(),
                out -> out.flip().isPresent(),
                (in, out) -> flipsTo(out, Serving.REPLICA) && in.replicaIsWhole());
    }

    @Test
    void theManagersReplicaIsNeverOverwrittenWhereItIsTheAuthority() {
        promise(NodeMachineTest::isAuthority, out -> true, (in, out) -> !out.syncReplica());
    }

    @Test
    void everyOtherReplicaIsKeptWarmInEveryMode() {
        promise(
                in -> !isAuthority(in),
                out -> true,
                (in, out) -> out.syncReplica() == (in.hasReference() && !in.replicaShowsReference()));
    }

    /** A generation that came from elsewhere reaches the manager's replica as it reaches a worker's. */
    private static boolean isAuthority(NodeInput in) {
        return in.role() == Role.MANAGER
                && (in.mode() == Mode.RSYNC || in.mode() == Mode.RECONCILING)
                && in.hasAppliedReference();
    }

    @Test
    void aShareThatIsBroughtToTheReferenceIsServedMeanwhileByThoseThatServedIt() {
        promise(
                in -> in.mode() == Mode.RECONCILING && in.mount() != MountEvidence.State.LOST,
                out -> true,
                (in, out) -> in.serving() != Serving.MOUNT || out.flip().isEmpty());
    }

    @Test
    void aReplicaIsOnlyEverBroughtToAReference() {
        promise(in -> true, NodeDecision::syncReplica, (in, out) -> in.hasReference());
    }

    private static boolean flipsTo(NodeDecision out, Serving where) {
        return out.flip().filter(where::equals).isPresent();
    }

    private static void promise(
            Predicate<NodeInput> input, Predicate<NodeDecision> decision, BiPredicate<NodeInput, NodeDecision> kept) {
        int cases = 0;
        var broken = new ArrayList<String>();
        for (var in : EVERY_INPUT) {
            var out = NodeMachine.decide(in);
            if (input.test(in) && decision.test(out)) {
                cases++;
                if (!kept.test(in, out)) {
                    broken.add(in + " -> " + out);
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(cases).as("cases that the promise is about").isPositive();
    }

    private static NodeInput with(NodeInput in, Serving serving) {
        return new NodeInput(
                in.role(),
                in.mode(),
                serving,
                in.mount(),
                in.provenLongEnough(),
                in.mountShowsReference(),
                in.replicaShowsReference(),
                in.replicaIsWhole(),
                in.hasAppliedReference(),
                in.hasReference());
    }

    private static List<NodeInput> everyInput() {
        var inputs = new ArrayList<NodeInput>();
        for (var role : Role.values()) {
            for (var mode : Mode.values()) {
                for (var serving : Serving.values()) {
                    for (var mount : MountEvidence.State.values()) {
                        for (int bits = 0; bits < 64; bits++) {
                            inputs.add(new NodeInput(
                                    role,
                                    mode,
                                    serving,
                                    mount,
                                    (bits & 1) != 0,
                                    (bits & 2) != 0,
                                    (bits & 4) != 0,
                                    (bits & 8) != 0,
                                    (bits & 32) != 0,
                                    (bits & 16) != 0));
                        }
                    }
                }
            }
        }
        return inputs;
    }
}
