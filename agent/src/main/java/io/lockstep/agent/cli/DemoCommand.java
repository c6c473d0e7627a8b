package io.lockstep.agent.cli;

import io.lockstep.agent.demo.Demo;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.apache.commons.io.FileUtils;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Starts a cluster of real agents on this host and shows what Lockstep does. */
@Command(
        name = "demo",
        description = "Starts a cluster on this host, tells a story with measured times, and stays up until Ctrl-C.",
        footer = {
            "",
            "DIR/demo.json says where everything is. Exit code 0 only when every step was observed, 70 otherwise."
        })
final class DemoCommand implements Callable<Integer> {
    private static final int FEWEST_NODES = 2;
    private static final int MOST_NODES = 9;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--once", description = "End after the story instead of staying up.")
    private boolean once;

    @Option(names = "--idle", description = "Start the cluster with a sample tree, and tell no story.")
    private boolean idle;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many nodes, 2 to 9 (default: 3).")
    private int nodes = 3;

    @Option(names = "--dir", paramLabel = "DIR", description = "Where the demo lives (default: a new temporary one).")
    private @Nullable Path directory;

    @Option(
            names = "--share",
            paramLabel = "DIR",
            description = "An existing directory, such as a real mount, to use as the share.")
    private @Nullable Path share;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (nodes < FEWEST_NODES || nodes > MOST_NODES) {
            throw new ParameterException(spec.commandLine(), "--nodes is " + nodes + ", and must be 2 to 9");
        }
        if (share != null && !Files.isDirectory(share)) {
            throw new ParameterException(spec.commandLine(), "--share " + share + " is not an existing directory");
        }
        boolean isTemporary = directory == null;
        var home = directory == null
                ? Files.createTempDirectory("lockstep-demo-")
                : directory.toAbsolutePath().normalize();
        var options = new Demo.Options(
                home,
                share == null ? home.resolve("share") : share.toAbsolutePath().normalize(),
                share == null,
                nodes,
                once,
                idle);
        var out = spec.commandLine().getOut();
        var demo = new Demo(options, Clock.systemUTC(), out);
        var hook = new Thread(() -> end(demo), "end-of-demo");
        Runtime.getRuntime().addShutdownHook(hook);
        boolean observed = demo.run(config -> printStatus(config, out));
        if (isTemporary && observed) {
            FileUtils.deleteDirectory(home.toFile());
        }
        return (observed ? ExitCode.GOOD : ExitCode.SOFTWARE).number();
    }

    private static void end(Demo demo) {
        try {
            demo.end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void printStatus(Path configuration, PrintWriter out) {
        Lockstep.commandLine().setOut(out).execute("status", "--config", configuration.toString());
    }
}
