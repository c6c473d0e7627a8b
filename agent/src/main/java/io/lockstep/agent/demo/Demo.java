package io.lockstep.agent.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.agent.json.Json;
import io.lockstep.agent.peer.CallOutcome;
import io.lockstep.agent.peer.ControlClient;
import io.lockstep.agent.peer.PeerAddress;
import io.lockstep.agent.rsync.RsyncInstallation;
import io.lockstep.agent.tls.NodeIdentity;
import io.lockstep.agent.tls.TlsFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs a demo from start to end and leaves no process behind. */
public final class Demo {
    private static final Duration CALL = Duration.ofSeconds(10);
    private static final int LOG_LINES = 15;

    private final Options options;
    private final InstantSource clock;
    private final PrintWriter out;
    private final CountDownLatch ending = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    /**
     * What the user chose.
     *
     * @param directory where the demo lives
     * @param share an existing directory to use as the share; the demo's own when it lies in {@code directory} and is
     *     not there yet
     * @param nodes 2 to 9
     * @param once end after the story
     * @param idle tell no story
     */
    public record Options(Path directory, Path share, boolean ownsShare, int nodes, boolean once, boolean idle) {}

    public Demo(Options options, InstantSource clock, PrintWriter out) {
        this.options = options;
        this.clock = clock;
        this.out = out;
    }

    /** Shows the cluster as a node sees it; the command line supplies it. */
    @FunctionalInterface
    public interface StatusTable {
        void print(Path configuration) throws IOException, InterruptedException;
    }

    /**
     * Runs it. Returns when the story is told and {@code once} is chosen, or after {@link #end()}.
     *
     * @return whether every step was observed
     */
    public boolean run(StatusTable table) throws IOException, InterruptedException {
        try {
            return runCluster(table);
        } finally {
            ended.countDown();
        }
    }

    private boolean runCluster(StatusTable table) throws IOException, InterruptedException {
        requireRsync();
        var cluster =
                DemoCluster.create(options.directory(), options.share(), options.ownsShare(), options.nodes(), clock);
        out.println("The demo lives in " + cluster.directory() + "; the share is " + cluster.share());
        var story = new DemoStory(cluster, clock, out, this::status, ending);
        try {
            cluster.start();
            story.waitUntilUp();
            cluster.writeDescription();
            if (!options.idle()) {
                story.tell();
            }
            out.println();
            table.print(cluster.manager().configuration());
            out.println();
            if (!options.once()) {
                explain(cluster);
                ending.await();
            }
            return true;
        } catch (StoryFailure e) {
            out.println();
            out.println("FAILED: " + e.getMessage());
            for (var node : cluster.nodes()) {
                out.println("--- the end of " + node.log());
                node.lastLogLines(LOG_LINES).forEach(out::println);
            }
            return false;
        } finally {
            cluster.stop();
            out.println("All agents have ended.");
            out.flush();
        }
    }

    /** Ends the demo, and waits until no process of it is left. Any thread. */
    public void end() throws InterruptedException {
        ending.countDown();
        ended.await();
    }

    private void explain(DemoCluster cluster) {
        var config = cluster.manager().configuration();
        out.println("The cluster stays up until Ctrl-C. Try, in another terminal:");
        out.println("  ./lockstep status -w --config " + config);
        out.println("  curl -i " + cluster.nodes().get(1).ops() + "/ready");
        out.println("  echo '<x/>' > " + cluster.share() + "/synapse-configs/default/api/mine.xml");
        out.println("  ./lockstep history --config " + config);
        out.println("  mv " + cluster.share() + " " + cluster.share() + ".away");
        out.println("Ports, paths and process ids are in " + cluster.directory().resolve("demo.json"));
        out.flush();
    }

    /** The cluster as a node sees it, asked with its own certificate as an operator would. */
    private JsonNode status(DemoNode node) {
        var tls = node.configuration().resolveSibling("tls");
        var address = new PeerAddress(node.name(), URI.create(node.control()));
        try {
            var identity = NodeIdentity.load(
                    new TlsFiles(
                            tls.resolve("ca.pem"),
                            tls.resolve(node.name() + ".pem"),
                            tls.resolve(node.name() + "-key.pem")),
                    clock);
            try (var client = new ControlClient(
                    identity, List.of(address), Json.mapper(), clock, ControlClient.DEFAULT_RESPONSE_LIMIT_BYTES)) {
                var outcome = client.get(address, "/v1/status", JsonNode.class, CALL);
                return outcome instanceof CallOutcome.Answered<JsonNode> answered
                        ? answered.value()
                        : Json.mapper().createObjectNode().put("problem", outcome.toString());
            }
        } catch (IOException e) {
            return Json.mapper().createObjectNode().put("problem", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Json.mapper().createObjectNode().put("problem", "interrupted");
        }
    }

    /** Installs rsync where that is possible, as the first-time user expects. */
    private void requireRsync() throws IOException, InterruptedException {
        var found = RsyncInstallation.probe("rsync");
        if (found instanceof RsyncInstallation.Usable) {
            return;
        }
        boolean mayInstall =
                "root".equals(System.getProperty("user.name")) && Files.isExecutable(Path.of("/usr/bin/apt-get"));
        if (!mayInstall) {
            throw new IOException(found.message());
        }
        out.println("installing rsync (apt-get install rsync) ...");
        out.flush();
        apt("update", "-qq");
        apt("install", "-y", "-qq", "--no-install-recommends", "rsync");
        var installed = RsyncInstallation.probe("rsync");
        if (!(installed instanceof RsyncInstallation.Usable)) {
            throw new IOException(installed.message());
        }
    }

    private static void apt(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("apt-get"));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException("apt-get " + arguments[0] + " takes too long; install rsync by hand");
        }
        if (process.exitValue() != 0) {
            throw new IOException("apt-get " + arguments[0] + " failed; install rsync 3.4.3 or later by hand");
        }
    }
}
