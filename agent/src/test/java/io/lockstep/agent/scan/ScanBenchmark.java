package io.lockstep.agent.scan;

import io.lockstep.artifact.TreeFilter;
import io.lockstep.digest.Inventory;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.io.FileUtils;

/**
 * Measures a rescan and a full verify against the usual tools, in turn in one run, so that whatever else the machine
 * does hits all of them. Started by {@code agent/src/test/bench/scan [FILES [DIRECTORY]]}.
 */
final class ScanBenchmark {
    private static final int WARM_UPS = 15;
    private static final int ROUNDS = 11;

    private final Path tree;
    private final Path copy;
    private final Clock clock = Clock.systemUTC();
    private final TreeScanner scanner = new TreeScanner(TreeFilter.gatewayDefault());
    private final Map<String, List<Long>> nanos = new LinkedHashMap<>();
    private final Map<String, List<Long>> cpuTicks = new LinkedHashMap<>();
    private Inventory inventory = Inventory.empty();

    private ScanBenchmark(Path base) {
        tree = base.resolve("tree");
        copy = base.resolve("copy");
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int files = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
        boolean temporary = arguments.length < 2;
        var base = temporary ? Files.createTempDirectory("lockstep-scan-bench") : Path.of(arguments[1]);
        try {
            new ScanBenchmark(base).measure(files);
        } finally {
            if (temporary) {
                FileUtils.deleteDirectory(base.toFile());
            }
        }
    }

    private void measure(int files) throws IOException, InterruptedException {
        if (!Files.exists(tree)) {
            System.out.println("Writing " + files + " files and their copy below " + tree.getParent());
            BenchmarkTree.write(tree, files);
            run("rsync", "-a", tree + "/", copy + "/");
        }
        System.out.println("Warming up");
        rescan();
        for (int i = 0; i < WARM_UPS; i++) {
            rescan();
            verify();
        }
        for (int round = 0; round < ROUNDS; round++) {
            time("rescan", this::rescan);
            time("find", () -> run("find", tree.toString(), "-printf", "%s %T@ %p\\n"));
            time("rescan", this::rescan);
            time("rsync -an", () -> run("rsync", "-an", "--delete", tree + "/", copy + "/"));
            time("verify", this::verify);
            time(
                    "openssl",
                    () -> run(
                            "sh",
                            "-c",
                            "find \"$0\" -type f -print0 | xargs -0 -P2 openssl dgst -sha256 -r",
                            tree.toString()));
            time("verify", this::verify);
            time("rsync -rcn", () -> run("rsync", "-rcn", tree + "/", copy + "/"));
        }
        report();
    }

    private void rescan() {
        var before = inventory;
        inventory = scanned(ScanRequest.of(tree, now()).after(before));
        if (!before.findings().isEmpty() && inventory.findings() != before.findings()) {
            throw new IllegalStateException("the tree changed while it was measured: " + tree);
        }
    }

    private void verify() {
        inventory = scanned(ScanRequest.of(tree, now()).after(inventory).withFullDigest());
    }

    private Inventory scanned(ScanRequest request) {
        if (scanner.scan(request) instanceof ScanOutcome.Scanned scanned) {
            return scanned.inventory();
        }
        throw new IllegalStateException("can't scan " + request.root());
    }

    private long now() {
        return ChronoUnit.NANOS.between(Instant.EPOCH, clock.instant());
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private void time(String name, Step step) throws IOException, InterruptedException {
        long ticks = cpuTicksSoFar();
        long start = now();
        step.run();
        nanos.computeIfAbsent(name, key -> new ArrayList<>()).add(now() - start);
        cpuTicks.computeIfAbsent(name, key -> new ArrayList<>()).add(cpuTicksSoFar() - ticks);
    }

    /** Processor time of this process and of its ended children, in ticks of 10 ms (proc_pid_stat(5), fields 14 to 17). */
    private static long cpuTicksSoFar() throws IOException {
        var line = Files.readString(Path.of("/proc/self/stat"));
        var fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = 0;
        for (int field = 11; field <= 14; field++) {
            ticks += Long.parseLong(fields[field]);
        }
        return ticks;
    }

    private static void run(String... command) throws IOException, InterruptedException {
        int code = new ProcessBuilder(command)
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.INHERIT)
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + code);
        }
    }

    private static double median(Map<String, List<Long>> measured, String name) {
        var sorted = measured.getOrDefault(name, List.of()).stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private double millis(String name) {
        return median(nanos, name) / 1e6;
    }

    private double cpuMillis(String name) {
        return median(cpuTicks, name) * 10;
    }

    private void report() throws IOException {
        System.out.printf(
                Locale.ROOT,
                "%n%d entries, medians of %d rounds in turn, Java %s, 2 threads on %d processors, warmed page cache%n",
                inventory.findings().size(),
                ROUNDS,
                Runtime.version(),
                Runtime.getRuntime().availableProcessors());
        System.out.printf(
                "Load average at the end: %s. Where others compete for the processors, a second thread gains little,%n"
                        + "so look at the processor times as well.%n%n",
                Files.readString(Path.of("/proc/loadavg")).strip());
        System.out.printf(
                "%-8s %8s %8s   %-10s %8s %8s   %6s %7s   %s%n",
                "ours", "ms", "cpu ms", "peer", "ms", "cpu ms", "ratio", "aim", "what the peer does");
        row("rescan", "find", "0.8", "find -printf '%s %T@ %p\\n': one stat an entry, prints it, no filter");
        row("rescan", "rsync -an", "0.2", "rsync -an --delete: looks at the tree and an identical copy");
        row("verify", "openssl", "0.7", "find -print0 | xargs -0 -P2 openssl dgst -sha256 -r: hashes the same bytes");
        row("verify", "rsync -rcn", "0.5", "rsync -rcn: hashes the tree and an identical copy, twice the bytes");
    }

    private void row(String ours, String peer, String aim, String what) {
        System.out.printf(
                Locale.ROOT,
                "%-8s %8.1f %8.0f   %-10s %8.1f %8.0f   %6.2f  <= %s   %s%n",
                ours,
                millis(ours),
                cpuMillis(ours),
                peer,
                millis(peer),
                cpuMillis(peer),
                millis(ours) / millis(peer),
                aim,
                what);
    }
}
