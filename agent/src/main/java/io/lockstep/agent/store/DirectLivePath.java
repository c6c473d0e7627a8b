package io.lockstep.agent.store;

import io.lockstep.cluster.Serving;
import io.lockstep.mount.MountTable;
import io.lockstep.mount.Place;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A directory that the share is mounted on straight. Whoever mounts and unmounts the share leads it: an unmount uncovers
 * the replica beneath. The agent only tells.
 */
public final class DirectLivePath implements LivePath {
    private final String live;
    private final String replica;

    /**
     * The live path of a tree.
     *
     * @param live the directory, and the share's mountpoint
     * @param replica the same directory, reached past the mount
     */
    public DirectLivePath(Path live, Path replica) {
        this.live = live.toAbsolutePath().normalize().toString();
        this.replica = replica.toAbsolutePath().normalize().toString();
    }

    /** ELSEWHERE when neither a mount nor the replica is there: then the replica is none that lies beneath. */
    @Override
    public Serving look(MountTable mounts) {
        if (Place.isUncovered(mounts, replica, live)) {
            return Serving.REPLICA;
        }
        return mounts.at(live).isPresent() && Place.isBeneath(mounts, replica, live)
                ? Serving.MOUNT
                : Serving.ELSEWHERE;
    }

    @Override
    public Flip flip(Serving target, MountTable mounts) {
        LivePath.require(target);
        var now = look(mounts);
        if (now == target) {
            return new Flip.AlreadyThere();
        }
        if (now == Serving.ELSEWHERE) {
            return new Flip.Refused("the replica " + replica + " does not lie beneath the live path " + live
                    + "; see: lockstep check FILE");
        }
        return new Flip.Refused(
                target == Serving.REPLICA
                        ? "the share is mounted straight on " + live + " (flip: none), so that the agent can't lead the"
                                + " Gateway away from it; umount -l " + live + " uncovers the replica"
                        : "nothing is mounted on " + live + "; mount the share there");
    }

    @Override
    public Optional<String> limit() {
        return Optional.of("the share is mounted straight on " + live + " (flip: none): when it hangs the Gateway hangs"
                + " with it, and the agent can't lead it away");
    }
}
