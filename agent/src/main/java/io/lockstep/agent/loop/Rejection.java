package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;

/** Why what a member sent was not taken. Each is the member's doing: a broken connection is none of these. */
public sealed interface Rejection {
    NodeName peer();

    /** What it did, for people. */
    String text();

    /** The same for the log, as {@code key=value}. */
    String fields();

    /** A file came to its end as the member has it, and its content is not the generation's. */
    record WrongBytes(NodeName peer, EntryPath path, Digest expected, Digest actual) implements Rejection {
        @Override
        public String text() {
            return "sent wrong bytes for " + path + ": expected=" + expected + " actual=" + actual;
        }

        @Override
        public String fields() {
            return "path=" + path + " expected=" + expected + " actual=" + actual;
        }
    }

    /**
     * It did not keep to what was asked for.
     *
     * @param path a file that it was asked for
     */
    record Unasked(NodeName peer, EntryPath path, String what) implements Rejection {
        @Override
        public String text() {
            return "was asked for " + path + ": " + what;
        }

        @Override
        public String fields() {
            return "path=" + path + " reason=\"" + what + '"';
        }
    }
}
