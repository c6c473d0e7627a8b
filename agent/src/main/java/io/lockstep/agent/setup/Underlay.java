package io.lockstep.agent.setup;

import io.lockstep.agent.config.TreeConfiguration;
import io.lockstep.mount.MountEntry;
import io.lockstep.mount.MountTable;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a replica beneath a mountpoint is reached.
 *
 * @param source the directory above what is mounted on
 * @param point where it is bound
 */
record Underlay(Path source, Path point) {
    /** The underlay that a tree's configuration means; empty when its replica is a directory of its own. */
    static Optional<Underlay> of(TreeConfiguration tree, MountTable mounts) {
        if (tree.hasUnderlayOfLive()) {
            return Optional.of(new Underlay(Owned.above(tree.live()), Owned.above(tree.replica())));
        }
        return shareMount(tree, mounts).flatMap(mount -> beneath(Path.of(mount.point()), tree));
    }

    /** The share's own mount; empty when it lies on the disk of the directory of the live path, so nothing is mounted. */
    static Optional<MountEntry> shareMount(TreeConfiguration tree, MountTable mounts) {
        var local = mounts.covering(Owned.above(tree.live()).toString()).map(MountEntry::device);
        return mounts.covering(tree.mountedShare().toString())
                .filter(mount -> !mount.point().equals("/"))
                .filter(mount -> !Optional.of(mount.device()).equals(local));
    }

    /** A replica that ends as the share does from the mountpoint's name on lies beneath that. */
    private static Optional<Underlay> beneath(Path mountpoint, TreeConfiguration tree) {
        var source = Owned.above(mountpoint);
        var below = source.relativize(tree.mountedShare());
        if (!tree.replica().endsWith(below)) {
            return Optional.empty();
        }
        var point = tree.replica();
        for (int i = 0; i < below.getNameCount(); i++) {
            point = Owned.above(point);
        }
        return Optional.of(new Underlay(source, point));
    }
}
