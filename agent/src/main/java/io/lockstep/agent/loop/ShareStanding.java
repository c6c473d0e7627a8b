package io.lockstep.agent.loop;

import io.lockstep.cluster.MountEvidence;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.mode.ModeInput;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** How the share stands with this node and its members, in the words of the mode machine. */
final class ShareStanding {
    private ShareStanding() {}

    /** What the evidence makes of the share, at {@code now}. */
    static ModeInput.Share of(LoopSettings settings, MountEvidence evidence, Instant now) {
        if (!settings.hasShare()) {
            return ModeInput.Share.NOT_CONFIGURED;
        }
        return switch (evidence.state()) {
            case PROVEN -> ModeInput.Share.PROVEN;
            case UNKNOWN -> ModeInput.Share.UNKNOWN;
            // It becomes lost, or proven again, by the evidence alone.
            case SUSPECT -> ModeInput.Share.SUSPECT;
            case LOST ->
                Duration.between(evidence.since(), now).compareTo(settings.lossTimeout()) >= 0
                        ? ModeInput.Share.LOST
                        : ModeInput.Share.SUSPECT;
        };
    }

    /** Whether a member is reached and has the share. */
    static boolean isProvenBy(PeerState peer) {
        return peer.isReachable() && peer.view().orElseThrow().provesShare();
    }

    /** Whether this node has the share, and with it most of those that it reaches. */
    static boolean isProvenByMost(MountEvidence own, List<PeerState> peers) {
        long reachable = 1 + peers.stream().filter(PeerState::isReachable).count();
        long proving = peers.stream().filter(ShareStanding::isProvenBy).count();
        return own.isProven() && 2 * (proving + 1) > reachable;
    }
}
