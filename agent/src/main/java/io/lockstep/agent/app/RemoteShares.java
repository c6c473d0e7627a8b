package io.lockstep.agent.app;

import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.ShareLocation;
import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.loop.ShareKind;
import io.lockstep.agent.vfs.RemoteDot;
import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.Resolution;

/** What all parts of an agent that deal with shares which are not mounted agree on. */
final class RemoteShares {
    private RemoteShares() {}

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
        boolean isSftp = ShareLocation.SFTP.equals(remote.uri().getScheme());
        return ShareKind.remote(isSftp ? Resolution.SECONDS : Resolution.SECONDS_WITHOUT_MODE);
    }
}
