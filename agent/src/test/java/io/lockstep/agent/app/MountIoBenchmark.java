package io.lockstep.agent.app;

import static java.util.Objects.requireNonNull;

import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.mountio.Called;
import io.lockstep.agent.mountio.ChildSettings;
import io.lockstep.agent.mountio.MountIo;
import io.lockstep.agent.mountio.MountIoLimits;
import io.lockstep.agent.mountio.ShareCalls;
import io.lockstep.agent.scan.BenchmarkTree;
import io.lockstep.agent.scan.FindingsMerge;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Inventory;
import io.lockstep.mount.Beacon;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.commons.io.FileUtils;

/**
 * Measures the memory of the child process that touches the share, and what a scan by way of it takes. Started by
 * {@code agent/src/test/bench/mountio [FILES [DIRECTORY]]}.
 */
final class MountIoBenchmark {
    private static final int RESCANS = 20;
    private static final int CHANGED_SCANS = 10;
    private static final int PROBES = 300;

    private final InstantSource clock = InstantSource.system();
    private final Path share;
    private final MountIo io;
    private final ShareCalls calls;
    private Inventory inventory = Inventory.empty();
    private Beacon beacon = new Beacon(new NodeName("bench"), 1, 1);

    private MountIoBenchmark(Path base) {
        share = base.resolve("tree");
        var tree = new ChildSettings.Tree(
                "server",
                share.toString(),
                "",
                base.resolve("work").toString(),
                List.of(),
                TreeFilter.DEFAULT_EXCLUDE,
                TreeFilter.DEFAULT_REPORT);
        io = new MountIo(
                ShareChild.starter("bench", false),
                Version.current(),
                new ChildSettings(
                        "bench",
                        "bench",
                        2,
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(10),
                        Duration.ofMillis(250),
                        List.of(tree)),
                MountIoLimits.of(Duration.ofSeconds(10)),
                clock);
        calls = new ShareCalls(io);
    }

    public static void main(String[] arguments) throws IOException {
        int files = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
        boolean temporary = arguments.length < 2;
        var base = temporary ? Files.createTempDirectory("lockstep-mountio-bench") : Path.of(arguments[1]);
        try {
            new MountIoBenchmark(base).measure(files);
        } finally {
            if (temporary) {
                FileUtils.deleteDirectory(base.toFile());
            }
        }
    }

    private void measure(int files) throws IOException {
        if (!Files.exists(share)) {
            System.out.println("Writing " + files + " files below " + share);
            BenchmarkTree.write(share, files);
        }
        new ShareMarker(share).write("bench");
        try (io) {
            System.out.printf(
                    Locale.ROOT,
                    "%nJava %s%n%-44s %8s %12s %12s%n",
                    Runtime.version(),
                    "after",
                    "ms",
                    "VmRSS KiB",
                    "VmHWM KiB");
            probe();
            row("the first probe", Duration.ZERO);
            row("the first scan, every digest", scan(false));
            row("a rescan, nothing changed", repeat(RESCANS, () -> scan(false)));
            var changing = share.resolve("synapse-configs/default/api/changing.xml");
            row("a rescan after a change", repeat(CHANGED_SCANS, () -> {
                Files.writeString(changing, "<api at=\"" + clock.instant() + "\"/>", StandardCharsets.UTF_8);
                return scan(false);
            }));
            Files.delete(changing);
            row("a rescan, nothing changed", repeat(RESCANS, () -> scan(false)));
            row("a scan of every digest", scan(true));
            row(PROBES + " probes", repeat(PROBES, this::probe));
            row("a rescan, nothing changed", repeat(RESCANS, () -> scan(false)));
            System.out.printf("%d entries%n", inventory.findings().size());
        }
    }

    /** A step and how long it took. */
    private interface Step {
        Duration run() throws IOException;
    }

    /** The average; a probe comes between two scans, as in an agent. */
    private Duration repeat(int times, Step step) throws IOException {
        var sum = Duration.ZERO;
        for (int i = 0; i < times; i++) {
            sum = sum.plus(step.run());
            probe();
        }
        return sum.dividedBy(times);
    }

    private Duration probe() {
        var start = clock.instant();
        beacon = beacon.next();
        required(calls.probe(beacon, List.of(new NodeName("other"))));
        return Duration.between(start, clock.instant());
    }

    private Duration scan(boolean everyDigest) {
        var start = clock.instant();
        var found = required(calls.scan(Map.of("server", inventory), everyDigest, (entries, bytes) -> {}));
        var tree = requireNonNull(((ShareCalls.Scan.Whole) found).trees().get("server"));
        var merged = FindingsMerge.merge(inventory.findings(), tree.scanned().kept(), tree.fresh(), tree.severed());
        inventory = merged == inventory.findings()
                ? inventory.seenAgain(tree.scanned().scanStartNanos(), 0, 0)
                : new Inventory(merged, tree.scanned().scanStartNanos(), 0, 0);
        return Duration.between(start, clock.instant());
    }

    private static <T> T required(Called<T> called) {
        if (called instanceof Called.Answered<T> answered) {
            return answered.value();
        }
        throw new IllegalStateException(String.valueOf(called));
    }

    private void row(String what, Duration took) throws IOException {
        var status = Files.readString(Path.of("/proc/" + io.counts().pid().orElseThrow() + "/status"));
        System.out.printf(
                Locale.ROOT,
                "%-44s %8.1f %12s %12s   anon %s file %s%n",
                what,
                took.toNanos() / 1e6,
                field(status, "VmRSS"),
                field(status, "VmHWM"),
                field(status, "RssAnon"),
                field(status, "RssFile"));
    }

    private static String field(String status, String name) {
        var match = Pattern.compile(name + ":\\s+([0-9]+) kB").matcher(status);
        return match.find() ? match.group(1) : "?";
    }
}
