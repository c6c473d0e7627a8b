package io.lockstep.agent.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A host: network, mounts, host name and processes of its own. Its files are this machine's, except where it mounts
 * something. Its first process waits for the end of its standard input, and all others end with that one; so the host
 * is gone when this JVM is.
 */
final class LabHost implements AutoCloseable {
    private static final Duration COMMAND_DEADLINE = Duration.ofSeconds(90);
    private static final String READY = "ready";

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

    /** What a command wrote, and its exit code; -1 when it had not ended at its deadline. */
    record Output(int exitCode, String text) {
        boolean isGood() {
            return exitCode == 0;
        }
    }

    static LabHost start(String name, String address) throws IOException, InterruptedException {
        var script = "echo \"$1\" > /proc/sys/kernel/hostname && ip link set lo up && echo " + READY
                + " && while read -r line; do :; done";
        var holder = new ProcessBuilder(
                        "unshare", "-m", "-u", "-n", "-p", "--fork", "--kill-child", "--propagation", "private",
                        "--mount-proc", "bash", "-c", script, "host", name)
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

    String name() {
        return name;
    }

    String address() {
        return address;
    }

    /** Of its first process, as this JVM sees it. */
    long pid() {
        return first.pid();
    }

    /** Where this JVM finds an absolute path of the host, mounts included. Links in it lead to this JVM's own files. */
    Path seenFromOutside(Path path) {
        return Path.of("/proc/" + pid() + "/root").resolve(Path.of("/").relativize(path));
    }

    /** Starts a command on this host; it ends at the latest with the host. */
    ProcessBuilder command(List<String> command) {
        var line = new ArrayList<>(List.of("nsenter", "-t", Long.toString(pid()), "-m", "-n", "-u", "-p", "--"));
        line.addAll(command);
        return new ProcessBuilder(line);
    }

    /** Runs a command that must end well, and returns what it wrote. */
    String run(String... command) throws IOException, InterruptedException {
        var output = attempt(COMMAND_DEADLINE, List.of(command));
        if (!output.isGood()) {
            throw new IOException(String.join(" ", command) + " on " + name + " ended with " + output.exitCode() + ": "
                    + output.text());
        }
        return output.text();
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

    /** Runs a command and waits for its end, for this long. One that hangs is killed, and left behind if need be. */
    Output attempt(Duration deadline, List<String> command) throws IOException, InterruptedException {
        return outputOf(command(command), deadline);
    }

    private static Output outputOf(ProcessBuilder builder, Duration deadline) throws IOException, InterruptedException {
        // By a file: a process that hangs in a mount would keep a pipe open.
        var file = Files.createTempFile("lab", ".output");
        try {
            var process = builder.redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
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

    /** Kills what {@link #command} started: the process on the host, and the one here that waits for it. */
    static void kill(Process process) {
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
            if (line.split(" ")[1].equals(mountpoint.toString())) {
                last = line;
            }
        }
        return last;
    }

    /**
     * The entries below a directory of the host, by path: type, mode, and a file's size, mtime and SHA-256. What the
     * agent keeps on a share is left out. Fails when the directory can't be read whole.
     */
    Map<String, String> tree(Path directory) throws IOException, InterruptedException {
        var script = "set -e; cd \"$1/.\"; find . -mindepth 1 -path ./.lockstep -prune -o "
                + "-type d -printf '%P\\td %m\\n' -o -printf '%P\\t%y %m %s %T@\\n'; "
                + "find . -path ./.lockstep -prune -o -type f -exec sha256sum {} +";
        var entries = new TreeMap<String, String>();
        for (var line : run("bash", "-c", script, "tree", directory.toString()).split("\n")) {
            if (line.contains("\t")) {
                entries.put(line.substring(0, line.indexOf('\t')), line.substring(line.indexOf('\t') + 1));
            } else if (!line.isEmpty()) {
                int space = line.indexOf(' ');
                entries.merge(
                        line.substring(space + "  ./".length()), line.substring(0, space), (a, b) -> a + " " + b);
            }
        }
        // The root itself is not an entry of the tree.
        entries.remove("");
        return entries;
    }

    /** Ends every process of the host, and with them its mounts and its network. */
    @Override
    public void close() {
        first.destroyForcibly();
        holder.destroyForcibly();
        holder.onExit().orTimeout(COMMAND_DEADLINE.toSeconds(), TimeUnit.SECONDS).join();
    }
}
