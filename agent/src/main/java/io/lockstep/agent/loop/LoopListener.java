package io.lockstep.agent.loop;

import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import java.time.Duration;

/** Hears of what happened in the loop, for metrics. Called on the control thread; must return at once. */
public interface LoopListener {
    /** A probe of the share ended; {@link Reason#OK} when it spoke for the share. */
    default void probed(Duration took, Reason found) {}

    /**
     * A probe's call on the share was refused.
     *
     * @param error the operating system's symbol, such as {@code EIO}
     */
    default void shareRefused(String error) {}

    /** A scan of the share or the replica ended well. */
    default void scanned(Place place, Duration took, int hashedFiles, long hashedBytes) {}

    /** A look at the share or the replica failed. */
    default void scanFailed(Place place, String reason) {}

    /** All reachable nodes serve a generation; the time is from this node's first sight of the change. */
    default void propagated(Duration took) {}

    /** Content was brought into the stage, or could not be. */
    default void staged(Source source, boolean complete, Duration took) {}

    /** What a member sent was not what the generation has, and was not taken. */
    default void rejected(NodeName peer) {}

    /** The replica or the share was changed. */
    default void changed(Place place, Change change, Duration took) {}

    /** The live paths were led elsewhere. */
    default void flipped() {}

    /** An exchange with a member ended. */
    default void exchanged(boolean answered) {}

    /** A copy of the trees. */
    enum Place {
        SHARE,
        REPLICA
    }

    /** Where content came from. */
    enum Source {
        SHARE,
        PEER
    }
}
