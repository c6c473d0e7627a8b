package io.lockstep.agent.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What an agent of a lab runs on: a host in namespaces of this machine's kernel, or a guest with a kernel of its own. */
interface LabMachine {
    Duration COMMAND_DEADLINE = Duration.ofSeconds(90);

    /** What a command wrote, and its exit code; -1 when it had not ended at its deadline. */
    record Output(int exitCode, String text) {
        boolean isGood() {
            return exitCode == 0;
        }
    }

    /** A program that runs until it is told to end. */
    interface Program {
        boolean isAlive();

        /** Asks it to end. Returns whether it did in time, and leaves it as it is when not. */
        boolean end(Duration patience) throws IOException, InterruptedException;

        /** Ends it as a crash would, and does not wait. */
        void kill() throws IOException, InterruptedException;
    }

    String name();

    String address();

    /** Gives the machine a directory of this machine's files under the same path, where it may write. */
    void provide(Path directory) throws IOException, InterruptedException;

    /** Starts a program that ends at {@code SIGTERM}; what it writes is appended to a file of the machine. */
    Program start(List<String> command, Path output) throws IOException, InterruptedException;

    /** Runs a command and waits for its end, for this long. One that hangs is killed, and left behind if need be. */
    Output attempt(Duration deadline, List<String> command) throws IOException, InterruptedException;

    /** Runs a command that must end well, and returns what it wrote. */
    default String run(String... command) throws IOException, InterruptedException {
        var output = attempt(COMMAND_DEADLINE, List.of(command));
        if (!output.isGood()) {
            throw new IOException(String.join(" ", command) + " on " + name() + " ended with " + output.exitCode()
                    + ": " + output.text());
        }
        return output.text();
    }

    /**
     * The entries below a directory of the machine, by path: type, mode, and a file's size, mtime and SHA-256. What the
     * agent keeps on a share is left out. Fails when the directory can't be read whole.
     */
    default Map<String, String> tree(Path directory) throws IOException, InterruptedException {
        var script = "set -e; cd \"$1/.\"; find . -mindepth 1 -path ./.lockstep -prune -o "
                + "-type d -printf '%P\\td %m\\n' -o -printf '%P\\t%y %m %s %T@\\n'; "
                + "find . -path ./.lockstep -prune -o -type f -exec sha256sum {} +";
        var entries = new TreeMap<String, String>();
        for (var line : run("bash", "-c", script, "tree", directory.toString()).split("\n", -1)) {
            if (line.contains("\t")) {
                entries.put(line.substring(0, line.indexOf('\t')), line.substring(line.indexOf('\t') + 1));
            } else if (!line.isEmpty()) {
                int space = line.indexOf(' ');
                entries.merge(line.substring(space + "  ./".length()), line.substring(0, space), (a, b) -> a + " " + b);
            }
        }
        return entries;
    }
}
