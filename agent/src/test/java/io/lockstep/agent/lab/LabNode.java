package io.lockstep.agent.lab;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An agent on a host of its own, and the asker beside it. Its files lie in one directory of this machine. */
final class LabNode {
    static final int OPS_PORT = 9880;
    static final int CONTROL_PORT = 9881;

    private static final int ASK_EVERY_MILLIS = 100;
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(10);

    private final LabMachine machine;
    private final Path directory;
    private final InstantSource clock;
    private Optional<LabMachine.Program> agent = Optional.empty();
    private Optional<Beside> beside = Optional.empty();
    private Optional<LabWatch> watch = Optional.empty();

    LabNode(LabMachine machine, Path directory, InstantSource clock) {
        this.machine = machine;
        this.directory = directory;
        this.clock = clock;
    }

    String name() {
        return machine.name();
    }

    LabMachine machine() {
        return machine;
    }

    Path configuration() {
        return directory.resolve("lockstep.yml");
    }

    Path state() {
        return directory.resolve("state");
    }

    /** Where the host mounts the share. */
    Path mountpoint() {
        return directory.resolve("mnt");
    }

    /** The tree's key {@code mount}, in the configuration. */
    String mountKeys(String type, String source) {
        return "    mount: {point: " + mountpoint() + ", type: " + type + ", source: \"" + source + "\"}\n";
    }

    /** The tree's directory on the share. */
    Path share() {
        return mountpoint().resolve("server");
    }

    Path live() {
        return directory.resolve("gateway/repository/deployment/server");
    }

    Path replica() {
        return directory.resolve("replica/server");
    }

    Path log() {
        return directory.resolve("agent.log");
    }

    /** The command line of a Java program with this JVM's own class path. */
    static List<String> java(String main, String... arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xshare:auto", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Xmx256m"));
        // Its file is named by the process's number, and hosts have the same numbers.
        command.add("-XX:-UsePerfData");
        command.addAll(List.of("-Dfile.encoding=UTF-8", "-Dsun.jnu.encoding=UTF-8"));
        command.addAll(List.of("-cp", absolute(System.getProperty("java.class.path")), main));
        command.addAll(List.of(arguments));
        return command;
    }

    /** A host's commands have another working directory when that is in a mount. */
    private static String absolute(String classPath) {
        return String.join(
                File.pathSeparator,
                List.of(classPath.split(File.pathSeparator)).stream()
                        .map(entry -> Path.of(entry).toAbsolutePath().toString())
                        .toList());
    }

    /** Says from where the agent is asked: a host that reaches it under this address, whatever is cut off. */
    void watchFrom(LabHost near, String opsAddress) {
        beside = Optional.of(new Beside(near, opsAddress));
    }

    private record Beside(LabHost near, String opsAddress) {}

    /** Starts the agent, and the first time the asker, when it was said from where. */
    void start() throws IOException, InterruptedException {
        var command =
                java("io.lockstep.agent.cli.Lockstep", "agent", configuration().toString());
        agent = Optional.of(machine.start(command, log()));
        if (watch.isEmpty() && beside.isPresent()) {
            var asker = beside.get()
                    .near()
                    .command(java(
                            LabAsker.class.getName(),
                            configuration().toString(),
                            beside.get().opsAddress(),
                            Integer.toString(ASK_EVERY_MILLIS)))
                    .redirectError(directory.resolve("asker.log").toFile())
                    .start();
            watch = Optional.of(LabWatch.over(name(), asker.inputReader(StandardCharsets.UTF_8), clock));
        }
    }

    boolean isAlive() {
        return agent.filter(LabMachine.Program::isAlive).isPresent();
    }

    /** Asks the agent to end. Returns whether it did in time; it is killed when not. */
    boolean stop() throws IOException, InterruptedException {
        if (agent.isEmpty()) {
            return true;
        }
        boolean ended = agent.get().end(STOP_DEADLINE);
        if (!ended) {
            agent.get().kill();
        }
        return ended;
    }

    /** Ends the agent as a crash would. */
    void kill() throws IOException, InterruptedException {
        if (agent.isPresent()) {
            agent.get().kill();
        }
    }

    LabWatch watch() {
        return watch.orElseThrow();
    }

    /** Where the live path leads: its link's target, without touching what is there. Empty while there is none. */
    String leadsTo() throws IOException, InterruptedException {
        return machine.attempt(LabMachine.COMMAND_DEADLINE, List.of("readlink", live().toString()))
                .text()
                .strip();
    }

    /** The end of the agent's log. */
    String lastLogLines(int count) throws IOException, InterruptedException {
        return machine.attempt(
                        LabMachine.COMMAND_DEADLINE, List.of("tail", "-n", Integer.toString(count), log().toString()))
                .text();
    }
}
