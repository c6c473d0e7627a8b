package io.lockstep.agent.lab;

import io.lockstep.agent.faulty.Fault;
import io.lockstep.agent.faulty.FaultyDaemon;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** A host's mount of a FUSE file system that fails on command, and the host's own daemon that serves it. */
final class FaultyMount {
    /** As the mount table tells it. */
    static final String TYPE = "fuse.faulty";

    private static final String NAME = "share";
    private static final String COVER = "cover";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final LabHost host;
    private final Path mountpoint;
    private final PrintStream commands;
    private final BufferedReader answers;

    private FaultyMount(LabHost host, Path mountpoint, Process daemon) {
        this.host = host;
        this.mountpoint = mountpoint;
        commands = new PrintStream(daemon.getOutputStream(), true, StandardCharsets.UTF_8);
        answers = daemon.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts the daemon, which mounts nothing yet. */
    static FaultyMount on(LabHost host, Path mountpoint, Path log) throws IOException {
        var daemon = host.command(LabNode.java(FaultyDaemon.class.getName()))
                .redirectError(log.toFile())
                .start();
        return new FaultyMount(host, mountpoint, daemon);
    }

    /**
     * Mounts a directory of this machine.
     *
     * @param source what the mount table is to say
     */
    void mount(Path shown, String source) throws IOException {
        tell("mount", NAME, mountpoint.toString(), shown.toString(), source);
    }

    /** Mounts another directory over it, which hides it at once. */
    void cover(Path shown, String source) throws IOException {
        tell("mount", COVER, mountpoint.toString(), shown.toString(), source);
    }

    void uncover() throws IOException {
        unmount(COVER);
    }

    void fault(Fault fault) throws IOException {
        var operations = fault.operations().stream().sorted().map(Enum::name).collect(Collectors.joining(","));
        tell("fault", NAME, fault.kind().name(), operations, fault.below());
    }

    /** From now on it shows what is there now. */
    void makeStale() throws IOException {
        tell("stale", NAME);
    }

    /** Ends the faults: what hangs goes on. */
    void clear() throws IOException {
        tell("clear", NAME);
    }

    /** Unmounts as an operator does, who tries again while something is open there. */
    void unmount() throws IOException {
        unmount(NAME);
    }

    private void unmount(String name) throws IOException {
        Awaitility.await("an unmount")
                .atMost(PATIENCE)
                .until(() -> host.attempt(PATIENCE, List.of("umount", mountpoint.toString()))
                        .isGood());
        tell("ended", name);
    }

    private void tell(String... fields) throws IOException {
        commands.println(String.join("\t", fields));
        var answer = answers.readLine();
        if (answer == null || !answer.startsWith("ok")) {
            throw new IOException(host.name() + ": " + String.join(" ", fields) + ": " + answer);
        }
    }
}
