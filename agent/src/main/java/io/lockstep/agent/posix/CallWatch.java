package io.lockstep.agent.posix;

/**
 * Hears of every call that a handle makes, on the thread that makes it: just before, and as soon as it has returned. So
 * another thread can tell which call a thread hangs in. A handle hands its watch on to whatever is opened through it.
 * Used by several threads at once; must return at once and never throw.
 */
public interface CallWatch {
    /** Hears nothing. */
    CallWatch NONE = new CallWatch() {
        @Override
        public void begins(String operation, Place place) {}

        @Override
        public void begins(String operation, Place place, byte[] name) {}

        @Override
        public void begins(String operation, Place place, NameBuffer name) {}

        @Override
        public void ended() {}
    };

    /**
     * A call begins.
     *
     * @param operation what is called, such as {@code read}; always the same text for the same call
     * @param place what it is called for
     */
    void begins(String operation, Place place);

    /** As above, for the entry called {@code name} in the directory at {@code place}. */
    void begins(String operation, Place place, byte[] name);

    /** As above, for the name at the cursor, which is only good until this returns. */
    void begins(String operation, Place place, NameBuffer name);

    /** This thread's call has returned. */
    void ended();
}
