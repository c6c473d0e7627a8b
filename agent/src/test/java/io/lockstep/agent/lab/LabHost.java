package io.lockstep.agent.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A host: network, mounts, host name and processes of its own. Its files are this machine's, except where it mounts
 * something. Its first process waits for the end of its standard input, and all others end with that one; so the host
 * is gone when this JVM is.
 */
final class LabHost implements LabMachine, AutoCloseable {
    private static final String READY = "ready";
    private static final Path NOTHING = Path.of("/dev/null");

    private final String name;
    private final String address;
    private final Process holder;
    private final ProcessHandle first;

    private LabHost(String name, String address, Process holder, ProcessHandle first) {
        this.name = name;
        this.address = address;
        this.holder = holder;
        this.first = first;
    }

    static LabHost start(String name, String address) throws IOException, InterruptedException {
        var script = "echo \"$1\" > /proc/sys/kernel/hostname && ip link set lo up && echo " + READY
                + " && while read -r line; do :; done";
        var holder = new ProcessBuilder(
                        "unshare",
                        "-m",
                        "-u",
                        "-n",
                        "-p",
                        "--fork",
                        "--kill-child",
                        "--propagation",
                        "private",
                        "--mount-proc",
                        "bash",
                        "-c",
                        script,
                        "host",
                        name)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        // The reader is left open: a stream that is closed here would end the process.
        var said = holder.inputReader(StandardCharsets.UTF_8).readLine();
        var first = holder.children().findFirst();
        if (!READY.equals(said) || first.isEmpty()) {
            holder.destroyForcibly().waitFor();
            throw new IOException("no namespaces for host " + name);
        }
        return new LabHost(name, address, holder, first.get());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String address() {
        return address;
    }

    /** Of its first process, as this JVM sees it. */
    long pid() {
        return first.pid();
    }

    /** A command on this host, to be started; it ends at the latest with the host. */
    ProcessBuilder command(List<String> command) {
        var line = new ArrayList<>(List.of("nsenter", "-t", Long.toString(pid()), "-m", "-n", "-u", "-p", "--"));
        line.addAll(command);
        var builder = new ProcessBuilder(line);
        builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
        return builder;
    }

    @Override
    public void provide(Path directory) {
        // It has this machine's files.
    }

    @Override
    public Program start(List<String> command, Path output) throws IOException {
        var process = command(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .start();
        return new Started(process);
    }

    /** By way of {@code nsenter}, which waits for its child and passes on no signal. */
    private record Started(Process process) implements Program {
        @Override
        public boolean isAlive() {
            return process.isAlive();
        }

        @Override
        public boolean end(Duration patience) throws InterruptedException {
            process.children().forEach(ProcessHandle::destroy);
            return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public void kill() {
            LabHost.kill(process);
        }
    }

    /** Runs a command in the host's network and with everything else of this machine. */
    void runInNetworkOnly(String... command) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("nsenter", "-t", Long.toString(pid()), "-n", "--"));
        line.addAll(List.of(command));
        var output = outputOf(new ProcessBuilder(line), COMMAND_DEADLINE);
        if (!output.isGood()) {
            throw new IOException(String.join(" ", command) + ": " + output.text());
        }
    }

    @Override
    public Output attempt(Duration deadline, List<String> command) throws IOException, InterruptedException {
        return outputOf(command(command), deadline);
    }

    private static Output outputOf(ProcessBuilder builder, Duration deadline) throws IOException, InterruptedException {
        // By a file: a process that hangs in a mount would keep a pipe open.
        var file = Files.createTempFile("lab", ".output");
        try {
            var process = builder.redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(NOTHING.toFile()))
                    .redirectOutput(file.toFile())
                    .start();
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                kill(process);
                return new Output(-1, Files.readString(file));
            }
            return new Output(process.exitValue(), Files.readString(file));
        } finally {
            Files.delete(file);
        }
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** Drops every packet to and from this address. */
    void cutOffFrom(String other) throws IOException, InterruptedException {
        run(
                "nft",
                "table inet cut { chain in { type filter hook input priority 0; ip saddr " + other + " drop; }; "
                        + "chain out { type filter hook output priority 0; ip daddr " + other + " drop; }; }");
    }

    void rejoin() throws IOException, InterruptedException {
        run("nft", "delete", "table", "inet", "cut");
    }

    /** What is mounted at this path of the host, as in its mount table; empty when nothing is. */
    String mountedAt(Path mountpoint) throws IOException {
        // The file of the first process tells of the host's mounts, and reading it touches none of them.
        var last = "";
        for (var line : Files.readAllLines(Path.of("/proc/" + pid() + "/mounts"))) {
            if (line.split(" ", -1)[1].equals(mountpoint.toString())) {
                last = line;
            }
        }
        return last;
    }

    /** Ends every process of the host, and with them its mounts and its network. */
    @Override
    public void close() {
        holder.destroyForcibly();
        first.destroyForcibly();
        holder.onExit()
                .orTimeout(COMMAND_DEADLINE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }
}
