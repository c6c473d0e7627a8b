package io.lockstep.agent.loop;

import io.lockstep.cluster.Serving;
import java.io.IOException;

/** The symlinks that the Gateway reads, one a tree. Local, so the control thread may call it. */
public interface LivePaths {
    /** Where they lead: all to one side, or {@link Serving#ELSEWHERE}. */
    Serving serving();

    /**
     * Leads every live path to one side, each atomically.
     *
     * @param to {@link Serving#MOUNT} or {@link Serving#REPLICA}
     * @throws IOException when one can't be changed; the message names it
     */
    void flip(Serving to) throws IOException;
}
