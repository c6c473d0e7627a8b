package io.lockstep.agent.app;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.agent.mountio.ChildLoop;
import io.lockstep.agent.mountio.ChildSettings;
import io.lockstep.agent.mountio.JavaChild;
import io.lockstep.agent.mountio.ShareService;
import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.posix.NativeLibrary;
import io.lockstep.agent.vfs.RemoteTree;
import io.lockstep.artifact.EntryPath;
import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The child process that touches the share. Frames come on standard input and go to standard output; it ends when its
 * input does, whatever hangs in it.
 */
public final class ShareChild {
    private static final int FAILED = 70;
    /** As much as a pipe holds. */
    private static final int PIPE_BYTES = 64 * 1024;

    private ShareChild() {}

    /** Starts such children. */
    static JavaChild starter(String node, boolean isRemote) {
        // A jar is opened when those before it lack a class: Jackson's only when something is written to the share, and
        // the program's own names every library in its manifest.
        var libraries = new ArrayList<Class<?>>(List.of(
                EntryPath.class,
                NativeLibrary.place(),
                ShareChild.class,
                ObjectMapper.class,
                JsonFactory.class,
                JsonProperty.class));
        if (isRemote) {
            libraries.addAll(RemoteTree.libraries());
        }
        return new JavaChild(ShareChild.class, node, libraries);
    }

    private static ShareService service(ChildSettings settings, CallWatch probing, CallWatch working) {
        return settings.isRemote()
                ? new RemoteShare(settings, new MonotonicClock(), probing, working)
                : new MountedShare(settings, new MonotonicClock(), probing, working);
    }

    /**
     * Runs until standard input ends.
     *
     * @param arguments the node's name, for those who list processes
     */
    public static void main(String[] arguments) {
        int code = 0;
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            failure.printStackTrace();
            Runtime.getRuntime().halt(FAILED);
        });
        // Whatever prints to standard output must not get between the frames.
        System.setOut(System.err);
        // VFS asks for a log. There is none here, and what it would say is told as outcomes.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        try {
            ChildLoop.run(
                    // A file's stream asks a pipe for its length, which it hasn't.
                    new BufferedInputStream(new FileInputStream(FileDescriptor.in), PIPE_BYTES),
                    new FileOutputStream(FileDescriptor.out),
                    Version.current(),
                    (settings, probing, working) -> service(settings, probing, working));
        } catch (IOException e) {
            System.err.println("mount-io ends: " + e.getMessage());
            code = FAILED;
        }
        // Threads that hang in the share are no reason to wait, and there is nothing to put away.
        Runtime.getRuntime().halt(code);
    }
}
