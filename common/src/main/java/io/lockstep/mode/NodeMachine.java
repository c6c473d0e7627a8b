package io.lockstep.mode;

import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import java.util.Optional;

/**
 * Decides where a node's live paths lead and whether its replica is brought to the reference: a pure function that
 * every node asks. One node that loses its mount and a cluster that loses its share are the same case to it.
 */
public final class NodeMachine {
    private NodeMachine() {}

    /** The decision on what the node sees now. */
    public static NodeDecision decide(NodeInput in) {
        return new NodeDecision(flip(in), syncReplica(in));
    }

    private static boolean syncReplica(NodeInput in) {
        // In these modes the reference follows the manager's replica, once that has come to where the reference is.
        boolean isAuthority = in.role() == Role.MANAGER
                && (in.mode() == Mode.RSYNC || in.mode() == Mode.RECONCILING)
                && in.hasAppliedReference();
        return in.hasReference() && !in.replicaShowsReference() && !isAuthority;
    }

    private static Optional<Serving> flip(NodeInput in) {
        return switch (in.serving()) {
            // A person led it elsewhere, and knows why.
            case ELSEWHERE -> Optional.empty();
            case MOUNT -> mustLeaveMount(in) && in.replicaIsWhole() ? Optional.of(Serving.REPLICA) : Optional.empty();
            case REPLICA ->
                mayServeMount(in) && in.replicaShowsReference() && in.provenLongEnough()
                        ? Optional.of(Serving.MOUNT)
                        : Optional.empty();
            case ABSENT -> {
                if (mayServeMount(in)) {
                    yield Optional.of(Serving.MOUNT);
                }
                yield in.replicaIsWhole() ? Optional.of(Serving.REPLICA) : Optional.empty();
            }
        };
    }

    private static boolean mustLeaveMount(NodeInput in) {
        // A share that is brought to the reference becomes what the replica is: no flip is needed to see it.
        boolean isServed = in.mode() == Mode.SHARED || in.mode() == Mode.RECONCILING;
        return !isServed || in.mount() == MountEvidence.State.LOST;
    }

    private static boolean mayServeMount(NodeInput in) {
        return in.mode() == Mode.SHARED && in.mount() == MountEvidence.State.PROVEN && in.mountShowsReference();
    }
}
