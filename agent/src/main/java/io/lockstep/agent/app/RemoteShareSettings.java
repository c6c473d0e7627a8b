package io.lockstep.agent.app;

import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.ShareLocation;
import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.config.TreeConfiguration;
import io.lockstep.agent.loop.ShareKind;
import io.lockstep.agent.vfs.RemoteDot;
import io.lockstep.agent.vfs.RemoteSettings;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.generation.Resolution;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a share that is not mounted is made of: plain values, so that another process can be told them. That process
 * reads the credentials itself, from their file.
 *
 * @param node who writes beacons and temporary files
 */
record RemoteShareSettings(String clusterId, String node, List<Tree> trees, Duration racyWindow) {
    RemoteShareSettings {
        trees = List.copyOf(trees);
    }

    /**
     * One tree.
     *
     * @param scratch a local directory for what is fetched and looked at
     */
    record Tree(RemoteSettings place, TreeFilter filter, Path scratch) {
        /** @throws IllegalArgumentException when the tree's share is mounted */
        static Tree of(TreeConfiguration tree, Duration deadline) {
            return new Tree(placeOf(tree, deadline), tree.filter(), tree.work().resolve("remote"));
        }

        String name() {
            return place.tree();
        }
    }

    /** Where a tree's share is; within {@code deadline} every call has its answer or is given up. */
    static RemoteSettings placeOf(TreeConfiguration tree, Duration deadline) {
        if (tree.share() instanceof ShareLocation.Remote remote) {
            return new RemoteSettings(tree.name(), remote.uri(), Optional.ofNullable(tree.credentials()), deadline);
        }
        throw new IllegalArgumentException("the share of tree " + tree.name() + " is mounted: " + tree.share());
    }

    /** What Lockstep keeps beside each tree, as on a mount. */
    static RemoteDot dot() {
        var directory = EntryPath.of(ShareMarker.DIRECTORY);
        return new RemoteDot(
                directory,
                directory.resolve(EntryPath.of(ShareMarker.NAME)),
                ShareMarker.MAX_SIZE_BYTES,
                ShareMarker::parse);
    }

    /** How the nodes of this configuration have their share. */
    static ShareKind kindOf(AgentConfiguration configuration) {
        if (!(configuration.trees().get(0).share() instanceof ShareLocation.Remote remote)) {
            return ShareKind.MOUNT;
        }
        return ShareKind.remote(
                ShareLocation.SFTP.equals(remote.uri().getScheme())
                        ? Resolution.SECONDS
                        : Resolution.SECONDS_WITHOUT_MODE);
    }
}
