package io.lockstep.agent.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that asks a running agent. */
public final class NodeOptions {
    private static final Path INSTALLED = Path.of("/etc/lockstep/lockstep.yml");
    private static final Path CHECKOUT = Path.of("conf/lockstep.yml");

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The configuration of the node to ask (default: /etc/lockstep/lockstep.yml when it is there,"
                    + " else conf/lockstep.yml).")
    private @Nullable Path file;

    /**
     * A connection to the node whose configuration was named.
     *
     * @throws CommandFailure when the configuration or the certificate can't be used
     */
    NodeConnection connect() throws IOException {
        if (file != null) {
            return NodeConnection.open(file);
        }
        if (Files.exists(INSTALLED)) {
            return NodeConnection.open(INSTALLED);
        }
        if (Files.exists(CHECKOUT)) {
            return NodeConnection.open(CHECKOUT);
        }
        throw new CommandFailure(
                ExitCode.NO_INPUT,
                "no configuration: neither " + INSTALLED + " nor " + CHECKOUT + " is there for this user",
                "Name the node's file with --config FILE");
    }
}
