package io.lockstep.agent.loop;

import io.lockstep.cluster.Serving;
import java.util.Optional;

/** What the Gateway reads, a path for each tree. Local and never waits, so the control thread may call it. */
public interface LivePaths {
    /** Where they lead now: all to one side, or {@link Serving#ELSEWHERE}. It may change without a flip. */
    Serving serving();

    /**
     * Leads every live path to one side, each atomically: at once, or soon, when somebody else has to do it. Asking again
     * while it is under way changes nothing.
     *
     * @param to {@link Serving#MOUNT} or {@link Serving#REPLICA}
     * @return why some live path does not lead there and is not about to, and what to do; empty when all are well
     */
    Optional<String> flip(Serving to);

    /** What no flip can do here, for people; empty when nothing is out of reach. */
    Optional<String> limit();
}
