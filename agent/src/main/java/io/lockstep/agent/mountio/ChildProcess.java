package io.lockstep.agent.mountio;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/** A child that was started: its pipes and its end. */
public interface ChildProcess {
    /** What it reads. */
    OutputStream input();

    /** The frames that it writes. */
    InputStream output();

    /** What it says to people. */
    InputStream errors();

    long pid();

    /** Ends it without asking (SIGKILL). A process that hangs in a mount may stay all the same. */
    void kill();

    /** Completes, with how it ended, when the operating system has nothing left of it. */
    CompletableFuture<String> ended();

    /** Starts children. */
    interface Starter {
        /** A new one, which waits for its first frame. */
        ChildProcess start() throws IOException;
    }
}
