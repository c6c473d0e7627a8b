package io.lockstep.agent.loop;

import io.lockstep.wire.ShareRegistration;
import java.util.List;

/** What became of an operator's wish to register the shares that the manager sees. */
public sealed interface RegisterOutcome {
    /** Done, and durable, for each tree that was asked for. */
    record Registered(List<ShareRegistration> shares) implements RegisterOutcome {
        public Registered {
            shares = List.copyOf(shares);
        }
    }

    /** There is no such tree. */
    record NoSuchTree(String tree) implements RegisterOutcome {}

    /** Nothing was done. */
    record Refused(String why, String remedy) implements RegisterOutcome {}
}
