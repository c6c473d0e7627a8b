package io.lockstep.agent.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A real gateway engine, Apache Synapse 3.0.1 with Axis2's hot deployment, that serves the APIs of a directory and looks
 * every ten seconds whether they changed. It is built from {@code shared/gateway}, beside the checkout or above it.
 */
final class GatewayEngine {
    private static final int BUILD_MINUTES = 10;

    /** What the engine writes when it deploys, updates, undeploys, or gives up a file. */
    private static final Pattern DEPLOYMENT = Pattern.compile(
            "has been (deployed|updated|undeployed|backed up)|is not deployed|Duplicate resource|deployment .*[Ff]ailed");

    private final Process process;
    private final Path log;
    private final int port;

    private GatewayEngine(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /** Builds the engine in {@code directory}, which becomes a copy of its sources; skips the test where that can't be. */
    static void build(Path directory) throws Exception {
        var source = source();
        assumeTrue(source.isPresent(), "there is no ../shared/gateway, the real engine that this test is about");
        SeenTree.run("cp", "-r", source.get().toString(), directory.toString());
        var log = directory.resolve("build.log");
        var maven = new ProcessBuilder("mvn", "-q", "-B", "package")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        maven.getOutputStream().close();
        if (!maven.waitFor(BUILD_MINUTES, TimeUnit.MINUTES)) {
            maven.destroyForcibly().waitFor();
        }
        assumeTrue(maven.exitValue() == 0, () -> "the engine of ../shared/gateway can't be built: " + text(log));
    }

    private static Optional<Path> source() {
        for (var above = Path.of("").toAbsolutePath(); above != null; above = above.getParent()) {
            var found = above.resolve("shared/gateway");
            if (Files.exists(found.resolve("pom.xml"))) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }

    /** Makes an empty configuration of the engine of {@code program} in a directory. */
    static void writeSkeleton(Path program, Path server) throws Exception {
        var skeleton = program.resolve("skeleton/repository/deployment/server");
        SeenTree.run("cp", "-r", skeleton.toString(), server.toString());
    }

    /**
     * Starts an engine.
     *
     * @param home the directory above {@code repository/deployment/server}
     */
    static GatewayEngine start(Path program, Path home) throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var log = home.resolve("engine.log");
        var process = new ProcessBuilder(
                        "bash", program.resolve("run.sh").toString(), home.toString(), Integer.toString(port))
                // It writes an access log into a directory "logs" of its working directory.
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new GatewayEngine(process, log, port);
    }

    String url(String context) {
        return "http://127.0.0.1:" + port + context;
    }

    /** Whether the thread that looks for changes waits in the kernel for a FUSE file system's answer. */
    boolean hangs() throws IOException {
        try (var tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            return tasks.anyMatch(task -> text(task.resolve("comm")).equals("Timer-0\n")
                    && text(task.resolve("stack")).contains("fuse"));
        }
    }

    /** The log's lines that tell of deployments, in order. */
    List<String> deployments() {
        return text(log).lines().filter(line -> DEPLOYMENT.matcher(line).find()).toList();
    }

    String log() {
        return text(log);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        assertThat(process.isAlive()).isFalse();
    }
}
