package io.lockstep.agent.vfs;

/** Hears of every call on a server, on the thread that makes it, so that another thread can tell which one lasts. */
public interface RemoteWatch {
    /** Hears nothing. */
    RemoteWatch NONE = new RemoteWatch() {
        @Override
        public void begins(String step) {}

        @Override
        public void ended() {}
    };

    /** A call begins. */
    void begins(String step);

    /** This thread's call has returned. */
    void ended();
}
