package io.lockstep.agent.mountio;

import java.io.IOException;

/**
 * How far the child is with a call.
 *
 * @param step which of the operating system's calls it has been in for the longest; 0 when it is in none
 * @param moves grows with whatever is done
 * @param entries looked at, or done
 * @param bytes read
 * @param stepText that call for people, such as {@code read of /mnt/wso2/server/a.xml}; empty when it is in none
 */
record Pulse(long step, long moves, long entries, long bytes, String stepText) {
    static final Pulse NONE = new Pulse(0, 0, 0, 0, "");

    void write(MessageOutput out) throws IOException {
        out.i64(step);
        out.i64(moves);
        out.i64(entries);
        out.i64(bytes);
        out.text(stepText);
    }

    static Pulse read(MessageInput in) throws IOException {
        return new Pulse(in.i64(), in.i64(), in.i64(), in.i64(), in.text());
    }

    /** Whether something was done since {@code before}: a call that still lasts is no move, whatever other threads do. */
    boolean hasMovedSince(Pulse before) {
        return step == 0 ? moves != before.moves || before.step != 0 : step != before.step;
    }
}
