package io.lockstep.agent.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.DirectoryHandle;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.commons.io.FileUtils;

/**
 * The story of the demo. Each step acts as a person or a failure would, and is done only when the running agents are
 * seen to have noticed: by their health endpoints, and by the files that their Gateways would read.
 */
final class DemoStory {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final long POLL_MILLIS = 50;

    private final DemoCluster cluster;
    private final InstantSource clock;
    private final PrintWriter out;
    private final Function<DemoNode, JsonNode> status;
    /** Only ever waited for: it paces the polling, and is released when the demo is to end. */
    private final CountDownLatch ending;

    private int step;

    /** @param status asks a node how it sees the cluster */
    DemoStory(
            DemoCluster cluster,
            InstantSource clock,
            PrintWriter out,
            Function<DemoNode, JsonNode> status,
            CountDownLatch ending) {
        this.cluster = cluster;
        this.clock = clock;
        this.out = out;
        this.status = status;
        this.ending = ending;
    }

    /** Waits until every node serves the same reference. */
    void waitUntilUp() throws StoryFailure, InterruptedException {
        step(cluster.nodes().size() + " agents start, each a process of its own");
        var took = until("all nodes serve the same generation", () -> allServe("SHARED", 1));
        observed(took, "all nodes are ready and serve generation " + generation() + ", root " + root());
    }

    /** Tells the story from a good cluster to a good cluster. */
    void tell() throws StoryFailure, IOException, InterruptedException {
        publishOnTheShare();
        mountAnotherExport();
        takeTheShareAway();
        publishOnTheManager();
        bringTheShareBack();
    }

    private void publishOnTheShare() throws StoryFailure, IOException, InterruptedException {
        long before = seq();
        step("A Gateway publishes the API Pizza 1.0.0 on the share");
        var file = new SampleTree(cluster.share()).publish("Pizza", "1.0.0");
        var took = until(
                "all nodes serve a newer generation with the API",
                () -> allServe("SHARED", before + 1)
                        && everyNodeReads(file, cluster.share().resolve(file)));
        observed(took, "all nodes see it, and agree: generation " + generation() + ", root " + root());
    }

    private void mountAnotherExport() throws StoryFailure, IOException, InterruptedException {
        var victim = cluster.nodes().get(1);
        step(victim.name() + " mounts another export: a copy of the share, one file changed, one missing");
        var copy = cluster.directory().resolve("wrong-export");
        copyTree(cluster.share(), copy);
        var files = regularFiles(copy);
        Files.writeString(files.get(0), "\n<!-- changed by the demo -->\n", StandardOpenOption.APPEND);
        Files.delete(files.get(files.size() - 1));
        link(victim.mount(), copy);
        var took = until(
                victim.name() + " finds out and reads its replica, and all nodes serve the same",
                () -> mountIs(victim, "WRONG_EXPORT") && readsReplica(victim) && allServe("SHARED", seq()));
        observed(
                took,
                victim.name() + " has found out: /mount answers 503 WRONG_EXPORT, its Gateway reads its own replica,"
                        + " and all nodes stay ready");
        var detail = status.apply(victim).path("mount").path("detail").asText();
        if (!detail.contains(cluster.manager().name())) {
            throw new StoryFailure(victim.name() + " does not say whose writes it does not see: " + detail);
        }
        out.println("        " + detail);
        link(victim.mount(), cluster.share());
        took = until(
                victim.name() + " reads the share again",
                () -> mountIs(victim, "OK") && !readsReplica(victim) && allServe("SHARED", seq()));
        observed(took, "its mount is repaired, and " + victim.name() + " has gone back to it");
        deleteTree(copy);
    }

    private void takeTheShareAway() throws StoryFailure, IOException, InterruptedException {
        step("The share goes away for all nodes");
        if (cluster.ownsShare()) {
            Files.move(cluster.share(), away(), StandardCopyOption.ATOMIC_MOVE);
        } else {
            for (var node : cluster.nodes()) {
                link(node.mount(), away());
            }
        }
        var took = until(
                "the cluster is in RSYNC mode and all nodes serve",
                () -> allServe("RSYNC", seq()) && cluster.nodes().stream().allMatch(this::readsReplica));
        observed(took, "mode RSYNC: every live path leads to the node's own replica, and all nodes stay ready");
    }

    private void publishOnTheManager() throws StoryFailure, IOException, InterruptedException {
        long before = seq();
        var manager = cluster.manager();
        step("Without a share, the Gateway of " + manager.name() + " (the manager) publishes the API Taxi 1.0.0");
        var file = new SampleTree(manager.live()).publish("Taxi", "1.0.0");
        var took = until(
                "the workers received the API by rsync",
                () -> allServe("RSYNC", before + 1)
                        && everyNodeReads(file, manager.live().resolve(file)));
        observed(took, "all workers have it by rsync, byte for byte and mtime for mtime: generation " + generation());
    }

    private void bringTheShareBack() throws StoryFailure, IOException, InterruptedException {
        step("The share comes back");
        if (cluster.ownsShare()) {
            Files.move(away(), cluster.share(), StandardCopyOption.ATOMIC_MOVE);
        } else {
            for (var node : cluster.nodes()) {
                link(node.mount(), cluster.share());
            }
        }
        var taxi = "synapse-configs/default/api/admin--Taxi_v1.0.0.xml";
        var took = until(
                "the cluster is in SHARED mode again and the share has what was published meanwhile",
                () -> allServe("SHARED", seq())
                        && cluster.nodes().stream().noneMatch(this::readsReplica)
                        && Files.exists(cluster.share().resolve(taxi)));
        observed(took, "what was published meanwhile is on the share, and the cluster is back in SHARED mode");
    }

    private Path away() {
        return cluster.share().resolveSibling(cluster.share().getFileName() + ".away");
    }

    private void step(String text) {
        step++;
        out.println();
        out.println(" " + step + ". " + text);
        out.flush();
    }

    private void observed(Duration took, String text) {
        out.println(String.format(Locale.ROOT, "    %5.1f s  %s", took.toMillis() / 1000.0, text));
        out.flush();
    }

    private Duration until(String what, BooleanSupplier condition) throws StoryFailure, InterruptedException {
        var start = clock.instant();
        while (!condition.getAsBoolean()) {
            requireAgents();
            if (Duration.between(start, clock.instant()).compareTo(PATIENCE) > 0) {
                throw new StoryFailure("not observed within " + PATIENCE.toSeconds() + " s: " + what);
            }
            if (ending.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new StoryFailure("the demo was ended while it waited: " + what);
            }
        }
        Instant end = clock.instant();
        return Duration.between(start, end);
    }

    private void requireAgents() throws StoryFailure {
        for (var node : cluster.nodes()) {
            if (!node.isAlive()) {
                throw new StoryFailure("the agent of " + node.name() + " has ended; its log is " + node.log());
            }
        }
    }

    /** Whether all nodes are ready for their own sake, in this mode, with one root digest of at least this generation. */
    private boolean allServe(String mode, long atLeast) {
        Optional<String> common = Optional.empty();
        for (var node : cluster.nodes()) {
            var health = node.ask("/ready");
            if (health.isEmpty()
                    || !health.get().isOk()
                    || !health.get().text("state").equals("ok")) {
                return false;
            }
            var answer = health.get();
            var identity = answer.text("generation") + " " + answer.text("rootDigest");
            boolean same = common.map(identity::equals).orElse(true);
            if (!same || !answer.text("mode").equals(mode) || seqOf(answer) < atLeast) {
                return false;
            }
            common = Optional.of(identity);
        }
        return true;
    }

    private static long seqOf(DemoNode.Health health) {
        var generation = health.text("generation");
        int dot = generation.indexOf('.');
        return dot < 0 ? 0 : Long.parseLong(generation.substring(dot + 1));
    }

    private long seq() {
        return cluster.manager().ask("/ready").map(DemoStory::seqOf).orElse(0L);
    }

    private String generation() {
        return cluster.manager().ask("/ready").map(h -> h.text("generation")).orElse("unknown");
    }

    private String root() {
        var digest =
                cluster.manager().ask("/ready").map(h -> h.text("rootDigest")).orElse("");
        return digest.isEmpty() ? "unknown" : digest.substring(0, 12);
    }

    private static boolean mountIs(DemoNode node, String reason) {
        return node.ask("/mount")
                .filter(health -> health.text("reason").equals(reason))
                .isPresent();
    }

    private boolean readsReplica(DemoNode node) {
        try {
            return Files.readSymbolicLink(node.live()).equals(node.replica());
        } catch (IOException e) {
            return false;
        }
    }

    private boolean everyNodeReads(String file, Path original) {
        return cluster.nodes().stream().allMatch(node -> {
            try {
                var copy = node.live().resolve(file);
                return Files.mismatch(copy, original) < 0
                        && Files.getLastModifiedTime(copy).equals(Files.getLastModifiedTime(original));
            } catch (IOException e) {
                // Not there yet.
                return false;
            }
        });
    }

    private static void link(Path link, Path target) throws IOException {
        var next = link.resolveSibling("." + link.getFileName() + ".next");
        Files.createSymbolicLink(next, target);
        Files.move(next, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static List<Path> regularFiles(Path root) throws IOException {
        try (var files = Files.walk(root.resolve("synapse-configs"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Files.createDirectories(to.resolve(from.relativize(directory)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                var copy = to.resolve(from.relativize(file));
                Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
                setExactTime(copy, Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS));
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Java copies times in microseconds only, which would make every file of the copy differ. */
    private static void setExactTime(Path file, long mtimeNanos) throws IOException {
        var opened = DirectoryHandle.open(file.resolveSibling(""));
        if (!(opened instanceof Attempt.Done<DirectoryHandle> done)) {
            throw new IOException("the directory of " + file + " can't be opened: " + opened);
        }
        try (var directory = done.value()) {
            var name = file.getFileName().toString().getBytes(StandardCharsets.UTF_8);
            var errno = directory.setModificationTime(name, mtimeNanos);
            if (!errno.isNone()) {
                throw new IOException("the time of " + file + " can't be set: " + errno);
            }
        }
    }

    private static void deleteTree(Path root) throws IOException {
        FileUtils.deleteDirectory(root.toFile());
    }
}
