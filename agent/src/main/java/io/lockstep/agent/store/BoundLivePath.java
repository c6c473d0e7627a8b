package io.lockstep.agent.store;

import io.lockstep.cluster.Serving;
import io.lockstep.mount.MountEntry;
import io.lockstep.mount.MountTable;
import io.lockstep.mount.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * A directory that is the replica, and that the share is bound over while the node serves it. Every file keeps its real
 * path through a flip, which Synapse needs. The agent may not mount, so it asks {@link BindRequests}' helper, goes on,
 * and sees in the mount table when it is done.
 */
public final class BoundLivePath implements LivePath {
    /** A request that had no effect for this long is made again; the helper gives a share five seconds. */
    static final Duration PATIENCE = Duration.ofSeconds(8);

    private final String tree;
    private final Path live;
    private final String share;
    private final String replica;
    private final BindRequests requests;
    private final InstantSource clock;
    private Optional<Asked> asked = Optional.empty();

    /** What was last asked for, and whether the request before was the same and in vain. */
    private record Asked(Serving target, Instant at, boolean isRepeated) {}

    /**
     * The live path of a tree.
     *
     * @param live a directory on this node's own disk
     * @param share where the tree is on the share's mount, a path without links
     * @param replica the directory {@code live}, reached past whatever is mounted there
     */
    public BoundLivePath(String tree, Path live, Path share, Path replica, BindRequests requests, InstantSource clock) {
        this.tree = tree;
        this.live = live.toAbsolutePath().normalize();
        this.share = share.toAbsolutePath().normalize().toString();
        this.replica = replica.toAbsolutePath().normalize().toString();
        this.requests = requests;
        this.clock = clock;
    }

    /**
     * ELSEWHERE when a person mounted something there, or put a link in its place, or when the replica does not lie
     * beneath. ABSENT when an earlier mount of the share is bound, so that it leads nowhere that anybody looks at.
     */
    @Override
    public Serving look(MountTable mounts) {
        var path = live.toString();
        if (Place.isUncovered(mounts, replica, path)) {
            return isLink() ? Serving.ELSEWHERE : Serving.REPLICA;
        }
        var bound = mounts.at(path);
        if (bound.isEmpty() || !Place.isBeneath(mounts, replica, path)) {
            return Serving.ELSEWHERE;
        }
        if (Place.isSame(mounts, path, share)) {
            return Serving.MOUNT;
        }
        var shared = mounts.covering(share);
        var local = mounts.covering(replica);
        if (shared.map(MountEntry::device).equals(local.map(MountEntry::device))) {
            // The share is unmounted, and the bind holds on to it: the Gateway reads it until it is led away.
            return Serving.MOUNT;
        }
        return shared.filter(mount -> hasSameOrigin(mount, bound.get())).isPresent()
                ? Serving.ABSENT
                : Serving.ELSEWHERE;
    }

    private static boolean hasSameOrigin(MountEntry one, MountEntry other) {
        return one.type().equals(other.type()) && one.source().equals(other.source());
    }

    /** Reads it as a link, which asks no file system that may have been mounted there meanwhile. */
    private boolean isLink() {
        try {
            Files.readSymbolicLink(live);
            return true;
        } catch (IOException notALink) {
            return false;
        }
    }

    @Override
    public Flip flip(Serving target, MountTable mounts) {
        LivePath.require(target);
        var now = look(mounts);
        if (now == target) {
            asked = Optional.empty();
            return new Flip.AlreadyThere();
        }
        if (now == Serving.ELSEWHERE) {
            return new Flip.Refused(
                    mounts.at(live.toString()).isPresent()
                            ? "something else than the share " + share + " is mounted on the live path " + live
                                    + "; unmount it, or correct the configuration"
                            : "the live path " + live + " is not the directory that the replica " + replica
                                    + " shows; see: lockstep check FILE");
        }
        return ask(target);
    }

    private Flip ask(Serving target) {
        var now = clock.instant();
        var same = asked.filter(last -> last.target() == target);
        if (same.isEmpty() || !now.isBefore(same.get().at().plus(PATIENCE))) {
            var problem = target == Serving.MOUNT ? requests.mount(tree) : requests.replica(tree);
            if (problem.isPresent()) {
                asked = Optional.empty();
                return new Flip.Refused(problem.get());
            }
            asked = Optional.of(new Asked(target, now, same.isPresent()));
        }
        return asked.filter(Asked::isRepeated).isPresent() ? overdue(target) : new Flip.Requested();
    }

    private static Flip overdue(Serving target) {
        return new Flip.Overdue("lockstep-bind was asked to show the "
                + (target == Serving.MOUNT ? "share" : "replica")
                + " and did not, or this process does not see its mounts; see: journalctl -u lockstep-bind");
    }
}
