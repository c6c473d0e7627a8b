package io.lockstep.agent.store;

import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.agent.posix.DirectoryHandle.Existing;
import io.lockstep.agent.posix.Errno;
import io.lockstep.cluster.Serving;
import io.lockstep.mount.MountTable;
import io.lockstep.mount.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A symbolic link, renamed into place. It needs no privilege, and gives every file of the tree another real path, which
 * Synapse notices (docs/architecture.md).
 *
 * <p>Where the replica lies beneath the share's mountpoint, an unmount uncovers it at the path that the link leads to
 * already: the link stays, and what the Gateway reads is the replica.
 */
public final class LinkedLivePath implements LivePath {
    private final Path live;
    private final Optional<Path> share;
    private final Path replica;
    private final Path parent;
    private final String name;
    private final String next;

    /**
     * The live path of a tree.
     *
     * @param live the link itself, in a directory on this node's own disk
     * @param share where the tree is on the share's mount
     * @param replica where it is on this node's disk
     */
    public LinkedLivePath(Path live, Path share, Path replica) {
        this(live, Optional.of(share), replica);
    }

    /** The live path of a tree whose share is not mounted, which leads to the replica or nowhere. */
    public static LinkedLivePath toReplicaOnly(Path live, Path replica) {
        return new LinkedLivePath(live, Optional.empty(), replica);
    }

    private LinkedLivePath(Path live, Optional<Path> share, Path replica) {
        this.live = live.toAbsolutePath().normalize();
        this.share = share.map(path -> path.toAbsolutePath().normalize());
        this.replica = replica.toAbsolutePath().normalize();
        var above = this.live.getParent();
        if (above == null) {
            throw new IllegalArgumentException("a live path lies in a directory: " + live);
        }
        this.parent = above;
        this.name = this.live.getFileName().toString();
        this.next = "." + name + ".lockstep-next";
    }

    /** Anything but a link to one of the two is ELSEWHERE. */
    @Override
    public Serving look(MountTable mounts) {
        try {
            var target = live.resolveSibling(Files.readSymbolicLink(live)).normalize();
            if (share.filter(target::equals).isPresent()) {
                return Place.isUncovered(mounts, replica.toString(), target.toString())
                        ? Serving.REPLICA
                        : Serving.MOUNT;
            }
            return target.equals(replica) ? Serving.REPLICA : Serving.ELSEWHERE;
        } catch (NoSuchFileException e) {
            return Serving.ABSENT;
        } catch (IOException notALink) {
            // A directory, a file, or what this user may not see: not ours, in any case.
            return Serving.ELSEWHERE;
        }
    }

    @Override
    public Flip flip(Serving target, MountTable mounts) {
        LivePath.require(target);
        if (target == Serving.MOUNT && share.isEmpty()) {
            return new Flip.Refused("the share of the live path " + live + " is not mounted");
        }
        var now = look(mounts);
        if (now == target) {
            return new Flip.AlreadyThere();
        }
        if (now == Serving.ELSEWHERE && !Files.isSymbolicLink(live)) {
            return new Flip.Refused(
                    "the live path " + live + " is not a symbolic link, so that the agent can't switch it;"
                            + " stop the Gateway and this agent, and run: lockstep setup --host FILE");
        }
        if (now == Serving.ELSEWHERE) {
            return new Flip.Refused("the live path " + live + " leads neither to "
                    + share.map(Path::toString).orElse("a mount") + " nor to " + replica
                    + "; remove the link, or correct the configuration");
        }
        return makeAndRename(target == Serving.MOUNT ? share.orElseThrow() : replica, now == Serving.ABSENT);
    }

    private Flip makeAndRename(Path target, boolean absent) {
        var attempt = DirectoryHandle.open(parent);
        if (attempt instanceof Attempt.Done<DirectoryHandle> done) {
            try (var directory = done.value()) {
                if (Files.isSymbolicLink(parent.resolve(next))) {
                    // Left by an agent that ended between the next two calls.
                    directory.removeFile(bytesOf(next));
                }
                var errno = directory.makeLink(bytesOf(next), bytesOf(target.toString()));
                if (errno.equals(Errno.EEXIST)) {
                    return new Flip.Refused(parent.resolve(next) + " is in the way; remove it");
                }
                if (!errno.isNone()) {
                    return failed("make a link beside", errno);
                }
                // A link is put where nothing was without ever replacing what somebody else puts there meanwhile.
                errno = directory.rename(
                        bytesOf(next), directory, bytesOf(name), absent ? Existing.REFUSE : Existing.REPLACE);
                if (!errno.isNone()) {
                    return failed("switch", errno);
                }
                errno = directory.sync();
                return errno.isNone() ? new Flip.Flipped() : failed("fsync the directory of", errno);
            }
        }
        return failed("open the directory of", ((Attempt.Failed<DirectoryHandle>) attempt).errno());
    }

    private Flip failed(String action, Errno errno) {
        return new Flip.Failed(new DiskFailure(action, live.toString(), errno));
    }

    private static byte[] bytesOf(String text) {
        return OpenDirectory.bytesOf(text);
    }
}
