package io.lockstep.agent.config;

import io.lockstep.mount.MountEntry;
import io.lockstep.mount.MountTable;
import io.lockstep.mount.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Holds a tree's live path, replica and work directory against this host. Where something is mounted it asks the mount
 * table and never the mount.
 */
final class LayoutCheck {
    private static final String SETUP = "Stop the Gateway, and run: lockstep setup --host FILE";

    private final String key;
    private final TreeConfiguration tree;
    private final Path bindRequests;
    private final MountTable mounts;
    private final List<Problem> errors;
    private final List<Problem> warnings;

    /** Findings are added to {@code errors} and {@code warnings}. */
    LayoutCheck(
            String key,
            TreeConfiguration tree,
            Path bindRequests,
            MountTable mounts,
            List<Problem> errors,
            List<Problem> warnings) {
        this.key = key;
        this.tree = tree;
        this.bindRequests = bindRequests;
        this.mounts = mounts;
        this.errors = errors;
        this.warnings = warnings;
    }

    private void error(String part, String what, String remedy) {
        errors.add(new Problem(key + part, what, remedy));
    }

    private void warn(String part, String what, String remedy) {
        warnings.add(new Problem(key + part, what, remedy));
    }

    void check() {
        var parent = tree.live().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            error(
                    ".live",
                    "the directory " + parent + " is not there",
                    "Install the Gateway first, or correct the path");
            return;
        }
        if (tree.flip() == FlipKind.LINK) {
            checkLink(parent);
        } else {
            checkDirectory();
        }
        if (tree.flip() == FlipKind.BIND && !Files.exists(bindRequests)) {
            warn(
                    ".flip",
                    "the helper lockstep-bind does not run: " + bindRequests + " is not there",
                    "Run: systemctl enable --now lockstep-bind. Until then the node serves its replica");
        }
        checkMarker();
    }

    private void checkLink(Path parent) {
        var live = tree.live();
        if (!Files.isWritable(parent)) {
            error(
                    ".live",
                    parent + " can't be written, so the agent can't flip " + live,
                    "Give the agent's user write permission on it");
        }
        if (mounts.at(live.toString()).isPresent()) {
            error(
                    ".live",
                    live + " is a mountpoint, and the agent needs a symlink there",
                    "Mount the share elsewhere, or choose flip: none and see docs/configuration.md");
        } else if (Files.isSymbolicLink(live)) {
            warnAboutForeignTarget();
        } else if (Files.isDirectory(live, LinkOption.NOFOLLOW_LINKS)) {
            error(".live", live + " is a directory, and the agent needs a symlink there", SETUP);
        } else if (Files.exists(live, LinkOption.NOFOLLOW_LINKS)) {
            error(
                    ".live",
                    live + " is neither a symlink nor absent",
                    "Move it away" + (tree.share().isRemote() ? "" : ", then run: ln -s " + tree.share() + " " + live));
        }
    }

    private void warnAboutForeignTarget() {
        try {
            var live = tree.live();
            var target = live.resolveSibling(Files.readSymbolicLink(live)).normalize();
            boolean isShare = !tree.share().isRemote() && target.equals(tree.mountedShare());
            if (!isShare && !target.equals(tree.replica())) {
                warn(
                        ".live",
                        live + " points to " + target + ", neither the share nor the replica",
                        "Make sure that nothing is needed there: the agent flips the link to "
                                + (tree.share().isRemote() ? "" : tree.share() + " or ")
                                + tree.replica());
            }
        } catch (IOException e) {
            error(".live", "the link can't be read: " + e.getMessage(), "Correct its permissions");
        }
    }

    private void checkDirectory() {
        var live = tree.live();
        var replica = tree.replica();
        boolean isMounted = mounts.at(live.toString()).isPresent();
        if (!isMounted && !Files.isDirectory(live, LinkOption.NOFOLLOW_LINKS)) {
            error(".live", live + " is not a directory, which it must be to be mounted on", SETUP);
        } else if (!Place.isBeneath(mounts, replica.toString(), live.toString())) {
            boolean hasSpread = Place.isSame(mounts, replica.toString(), live.toString());
            error(
                    ".replica",
                    hasSpread
                            ? "what is mounted on " + live + " appears at " + replica + " as well"
                            : replica + " is not the directory " + live + ", reached past what is mounted there",
                    hasSpread
                            ? "Unmount it, run: mount --make-private " + replica.getParent() + ", and mount it again"
                            : "Run: systemctl start lockstep-bind; the first time: lockstep setup --host FILE");
        }
    }

    /** A share that is not mounted must not look like one that is. */
    private void checkMarker() {
        if (tree.share().isRemote()) {
            return;
        }
        var marker = tree.replica().resolve(ShareMarker.DIRECTORY).resolve(ShareMarker.NAME);
        boolean showsWhenUnmounted = Place.isBeneath(
                mounts, tree.replica().toString(), tree.mountedShare().toString());
        if (showsWhenUnmounted && Files.exists(marker, LinkOption.NOFOLLOW_LINKS)) {
            error(
                    ".replica",
                    "holds a share's marker, " + marker + ", so that it would be taken for the share when that is"
                            + " unmounted",
                    "Make sure that the share is another directory, then move the marker away");
        }
    }

    /**
     * One file system may be reached by two mounts, and rename(2) keeps to one.
     *
     * @param work what exists of the work directory, without links
     * @param replica what exists of the replica, without links
     */
    void checkMounts(Path work, Path replica) {
        if (!mountOf(work).equals(mountOf(replica))) {
            error(
                    ".work",
                    tree.work() + " is reached by another mount than the replica " + tree.replica()
                            + ", so a file can't be renamed between them",
                    "Remove the line for the default beside the replica, or name a directory below the same mount");
        }
    }

    private Optional<Long> mountOf(Path path) {
        return mounts.covering(path.toString()).map(MountEntry::id);
    }
}
