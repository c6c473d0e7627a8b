package io.lockstep.agent.cli;

import com.codahale.metrics.MetricRegistry;
import io.lockstep.agent.app.Agent;
import io.lockstep.agent.app.StartFailure;
import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.ConfigurationCheck;
import io.lockstep.agent.config.ConfigurationFile;
import io.lockstep.agent.config.InvalidConfigurationException;
import io.lockstep.agent.config.Problem;
import io.lockstep.agent.http.AgentLogging;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs an agent in the foreground until SIGTERM or SIGINT. */
@Command(
        name = "agent",
        description = "Runs the agent in the foreground; systemd starts it so.",
        footer = {"", "Ends with 143 on SIGTERM, 78 on a bad configuration, 71 when a port can't be had."})
final class AgentCommand implements Callable<Integer> {
    /** Libraries that tell of their own start at INFO; the configuration can turn them up again. */
    private static final Map<String, String> QUIET = Map.of(
            "org.eclipse.jetty", "WARN",
            "io.dropwizard", "WARN",
            "org.glassfish", "WARN",
            // Every failure of a share is told as evidence, once.
            "org.apache.commons.vfs2", "ERROR");

    @Parameters(paramLabel = "FILE", description = "The configuration file, such as conf/lockstep.yml.")
    private Path file = Path.of("");

    @Option(
            names = "--while-stdin-is-open",
            hidden = true,
            description = "End when standard input ends: whoever started the agent is gone.")
    private boolean whileStdinIsOpen;

    @Option(
            names = "--adopt",
            description =
                    "When this node meets the cluster with files of its own: they give way to the reference, kept in"
                            + " the conflict store. On the manager: the share is the first generation.")
    private boolean adopt;

    @Spec
    private CommandSpec command = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        try {
            var configuration = ConfigurationFile.load(file);
            var findings =
                    ConfigurationCheck.host(configuration, System.getenv().getOrDefault("PATH", ""));
            if (!findings.errors().isEmpty()) {
                return refuse(findings.errors());
            }
            var loggers = new TreeMap<>(QUIET);
            configuration.logging().loggers().forEach((name, level) -> loggers.put(name, level.toString()));
            return run(configuration, configuration.logging().level().toString(), loggers);
        } catch (InvalidConfigurationException e) {
            return refuse(e.problems());
        } catch (StartFailure e) {
            throw new CommandFailure(ExitCode.CONFIG, String.valueOf(e.getMessage()), "See: lockstep check " + file);
        }
    }

    private int refuse(List<Problem> problems) {
        for (var problem : problems) {
            command.commandLine()
                    .getErr()
                    .println("lockstep: " + file + ": " + problem.key() + " " + problem.what() + ". "
                            + problem.remedy());
        }
        return ExitCode.CONFIG.number();
    }

    private int run(AgentConfiguration configuration, String level, Map<String, String> loggers)
            throws StartFailure, IOException, InterruptedException {
        var logging = AgentLogging.configure(level, loggers, new MetricRegistry());
        var ended = new CountDownLatch(1);
        var failed = new AtomicBoolean();
        var agent = new Agent(configuration, failure -> {
            failed.set(true);
            ended.countDown();
        });
        try {
            agent.start();
        } catch (IOException e) {
            agent.close();
            logging.stop();
            throw new CommandFailure(ExitCode.OS_ERROR, String.valueOf(e.getMessage()), "");
        }
        if (adopt) {
            agent.adopt();
        }
        var stop = new Thread(
                () -> {
                    agent.close();
                    logging.stop();
                },
                "stop");
        Runtime.getRuntime().addShutdownHook(stop);
        if (whileStdinIsOpen) {
            watchStdin();
        }
        // Until a signal starts the hook, or the control loop fails and systemd should start the agent again.
        ended.await();
        return (failed.get() ? ExitCode.SOFTWARE : ExitCode.GOOD).number();
    }

    private static void watchStdin() {
        var watcher = new Thread(
                () -> {
                    try {
                        System.in.transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        // A broken pipe says the same as its end.
                        LoggerFactory.getLogger(AgentCommand.class).debug("standard input broke", e);
                    }
                    System.exit(ExitCode.GOOD.number());
                },
                "stdin");
        watcher.setDaemon(true);
        watcher.start();
    }
}
