package io.lockstep.agent.lab;

import io.lockstep.cluster.Mode;
import io.lockstep.cluster.Serving;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * Times what happens after each fault, with the default times of the configuration, and writes a Markdown table:
 * {@code agent/src/test/bench/detection}. Three agents on hosts of their own; FUSE mounts for most faults, a real
 * GlusterFS volume for the others. Progress goes to standard error. Argument: an empty directory.
 */
public final class DetectionTimes {
    /** The only time that is not the default, but for one row: else each row would take a minute longer. */
    private static final Duration RETURN_AFTER = Duration.ofSeconds(10);

    private static final Duration DEFAULT_RETURN_AFTER = Duration.ofSeconds(60);
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);
    private static final Duration FAULT_PATIENCE = Duration.ofSeconds(60);
    private static final Duration RETURN_PATIENCE = Duration.ofMinutes(3);

    private final InstantSource clock;
    private final List<String> rows = new ArrayList<>();

    private DetectionTimes(InstantSource clock) {
        this.clock = clock;
    }

    public static void main(String[] arguments) throws Exception {
        var directory = Path.of(arguments[0]).toAbsolutePath();
        var times = new DetectionTimes(Clock.systemUTC());
        try {
            times.overFuse(directory.resolve("fuse"));
            times.overGluster(directory.resolve("gluster"));
        } finally {
            times.print();
        }
    }

    private static String timing(Duration returnAfter) {
        return "timing: {returnAfter: " + returnAfter.toSeconds() + "s}\n";
    }

    private void overFuse(Path directory) throws Exception {
        try (var network = LabNetwork.open();
                var faults = FuseCases.make(network, directory)) {
            var cluster = faults.cluster();
            cluster.configure(timing(RETURN_AFTER), faults::mountKeys);
            cluster.start();
            for (var one : faults.all()) {
                time(cluster, one);
            }
            stop(cluster);
            cluster.configure(timing(DEFAULT_RETURN_AFTER), faults::mountKeys);
            cluster.start();
            time(cluster, faults.unmountedByAll("clean unmount, `timing.returnAfter` 60 s"));
        }
    }

    private static void stop(LabCluster cluster) throws IOException, InterruptedException {
        for (var node : cluster.nodes()) {
            node.stop();
        }
    }

    private void overGluster(Path directory) throws Exception {
        var missing = LabNetwork.missing("nft", "glusterd", "gluster", "mount.glusterfs");
        if (missing.isPresent()) {
            System.err.println("detection: no rows of GlusterFS: " + missing.get());
            return;
        }
        try (var network = LabNetwork.open();
                var faults = GlusterCases.make(network, directory)) {
            faults.cluster().configure(timing(RETURN_AFTER), faults::mountKeys);
            faults.cluster().start();
            for (var one : faults.all()) {
                time(faults.cluster(), one);
            }
        }
    }

    /** What was seen of one fault, each from its beginning; empty when it was waited for in vain. */
    private record Seen(
            Optional<Duration> told,
            String reasons,
            Optional<Duration> replica,
            Optional<Duration> rsync,
            Optional<Duration> back) {}

    private void time(LabCluster cluster, DetectionCase one) throws Exception {
        System.err.println("detection: " + one.fault() + ", " + one.where());
        cluster.awaitServing(Mode.SHARED, Serving.MOUNT, cluster.nodes());
        // A replica that is not whole yet can't be served.
        var manager = cluster.manager();
        cluster.awaitEverywhere(manager.machine().tree(manager.share()), cluster.nodes());
        var startedAt = clock.instant();
        one.inject().run();
        var replica = one.leavesTheShare()
                ? after(startedAt, FAULT_PATIENCE, () -> all(one.affected(), node -> leads(node, Serving.REPLICA)))
                : Optional.<Duration>empty();
        await(
                FAULT_PATIENCE,
                () -> all(one.affected(), node -> toldAt(node, startedAt).isPresent()));
        var rsync = one.endsShared()
                ? after(startedAt, FAULT_PATIENCE, () -> all(cluster.nodes(), node -> isIn(node, Mode.RSYNC)))
                : Optional.<Duration>empty();
        var told = slowest(one, startedAt);
        // The reason that is told last is the best one: a hang becomes an error when somebody gives up.
        await(LAST_WORDS, () -> false);
        var reasons = one.affected().stream()
                .flatMap(node -> node.watch().changesAfter(startedAt, "/mount").stream())
                .filter(mount -> !mount.isGood())
                .map(LabWatch.Answer::reason)
                .distinct()
                .collect(Collectors.joining(", "));
        var releasedAt = clock.instant();
        one.release().run();
        var back = after(
                releasedAt,
                RETURN_PATIENCE,
                () -> all(
                        cluster.nodes(),
                        node -> isIn(node, Mode.SHARED) && leads(node, Serving.MOUNT) && isProven(node)));
        rows.add(row(one, new Seen(told, reasons, replica, rsync, back)));
        System.err.println(rows.get(rows.size() - 1));
    }

    private interface Check {
        boolean holds() throws Exception;
    }

    private interface NodeCheck {
        boolean holds(LabNode node) throws Exception;
    }

    private static boolean all(List<LabNode> nodes, NodeCheck check) throws Exception {
        for (var node : nodes) {
            if (!check.holds(node)) {
                return false;
            }
        }
        return true;
    }

    private Optional<Duration> after(Instant start, Duration patience, Check check) {
        return await(patience, check) ? Optional.of(Duration.between(start, clock.instant())) : Optional.empty();
    }

    private static boolean await(Duration patience, Check check) {
        try {
            Awaitility.await()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(LOOK_EVERY)
                    .atMost(patience)
                    .until(check::holds);
            return true;
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            return false;
        }
    }

    /** Read from outside of the host: the link lies on this machine's disk. */
    private static boolean leads(LabNode node, Serving where) throws IOException {
        var target = Files.readSymbolicLink(node.live());
        return target.equals(where == Serving.MOUNT ? node.share() : node.replica());
    }

    private static boolean isIn(LabNode node, Mode mode) {
        return node.watch()
                .latest("/ready")
                .filter(ready -> ready.text("mode").equals(mode.name()))
                .isPresent();
    }

    private static boolean isProven(LabNode node) {
        return node.watch().latest("/mount").filter(LabWatch.Answer::isGood).isPresent();
    }

    /** When the first answer after the fault said that the mount is not as it should be. */
    private static Optional<Instant> toldAt(LabNode node, Instant since) {
        return node.watch().changesAfter(since, "/mount").stream()
                .filter(mount -> !mount.isGood())
                .map(LabWatch.Answer::at)
                .findFirst();
    }

    private static Optional<Duration> slowest(DetectionCase one, Instant since) {
        var slowest = Duration.ZERO;
        for (var node : one.affected()) {
            var at = toldAt(node, since);
            if (at.isEmpty()) {
                return Optional.empty();
            }
            var took = Duration.between(since, at.get());
            slowest = took.compareTo(slowest) > 0 ? took : slowest;
        }
        return Optional.of(slowest);
    }

    private static String row(DetectionCase one, Seen seen) {
        return "| " + one.fault() + " | " + one.where() + " | " + text(seen.told(), FAULT_PATIENCE) + " | "
                + seen.reasons() + " | "
                + (one.leavesTheShare() ? text(seen.replica(), FAULT_PATIENCE) : "stays") + " | "
                + (one.endsShared() ? text(seen.rsync(), FAULT_PATIENCE) : "stays SHARED") + " | "
                + text(seen.back(), RETURN_PATIENCE) + " |";
    }

    private static String text(Optional<Duration> time, Duration patience) {
        return time.map(some -> String.format(Locale.ROOT, "%.1f s", some.toMillis() / 1000.0))
                .orElse("not within " + patience.toSeconds() + " s");
    }

    private void print() {
        System.out.println("| fault | where | told by `/mount` | reason | live path on the replica | mode RSYNC |"
                + " back after the end of the fault |");
        System.out.println("|---|---|---|---|---|---|---|");
        rows.forEach(System.out::println);
    }
}
