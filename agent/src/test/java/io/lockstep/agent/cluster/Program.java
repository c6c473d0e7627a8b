package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command line as a process of its own, its output in a file. */
record Program(Process process, Path output) {
    /** Starts {@code lockstep} with these arguments; standard input stays open as long as this process lives. */
    static Program start(Path output, String... arguments) throws IOException {
        var command = new ArrayList<String>();
        // A background job of a shell ignores SIGINT, and its children would too.
        command.addAll(List.of("env", "--default-signal=INT"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-Dsun.jnu.encoding=UTF-8"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.lockstep.agent.cli.Lockstep"));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new Program(process, output);
    }

    String text() throws IOException {
        return Files.readString(output);
    }

    /** Waits for the end and returns the exit code. */
    int exitCode() throws InterruptedException, IOException {
        assertThat(process.waitFor(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("the program ends; it wrote: " + text())
                .isTrue();
        return process.exitValue();
    }

    void interrupt() throws IOException, InterruptedException {
        SeenTree.run("kill", "-INT", Long.toString(process.pid()));
    }

    /** Ends it, and with it whatever waits for its end. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
