package io.lockstep.agent.app;

import io.lockstep.agent.loop.ScanProgress;
import io.lockstep.agent.loop.TreeScan;
import io.lockstep.agent.scan.ScanOutcome;
import io.lockstep.agent.scan.ScanRequest;
import io.lockstep.agent.scan.TreeScanner;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.ManifestCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Function;

/** Scans all trees in one place, one after the other. One scan at a time. */
final class Trees {
    private final Map<String, Path> roots;
    private final Map<String, TreeScanner> scanners = new TreeMap<>();
    private final InstantSource clock;
    private final Reason absent;
    private final Function<String, Reason> unreadable;

    /**
     * @param roots by the tree's name
     * @param clock the clock of the file system; a local disk has the machine's
     * @param absent the reason of a root that is not there
     * @param unreadable the reason of a root that can't be read, by the operating system's symbol
     */
    Trees(
            Map<String, Path> roots,
            Map<String, TreeFilter> filters,
            int threads,
            Duration racyWindow,
            InstantSource clock,
            Reason absent,
            Function<String, Reason> unreadable) {
        this.roots = new TreeMap<>(roots);
        this.clock = clock;
        this.absent = absent;
        this.unreadable = unreadable;
        filters.forEach((name, filter) ->
                scanners.put(name, new TreeScanner(filter, threads, racyWindow, ManifestCodec.MAX_ENTRIES)));
    }

    Path root(String tree) {
        var root = roots.get(tree);
        if (root == null) {
            throw new IllegalArgumentException("there is no tree called " + tree);
        }
        return root;
    }

    TreeScan scan(Map<String, Inventory> previous, boolean everyDigest, ScanProgress progress) {
        var found = new LinkedHashMap<String, Inventory>();
        for (var tree : roots.entrySet()) {
            var request =
                    ScanRequest.of(tree.getValue(), nanos(clock.instant())).withProgress(steps(progress::add));
            var before = Optional.ofNullable(previous.get(tree.getKey()));
            request = before.map(request::after).orElse(request);
            var outcome = scanner(tree.getKey()).scan(everyDigest ? request.withFullDigest() : request);
            if (!(outcome instanceof ScanOutcome.Scanned scanned)) {
                return failed(outcome, tree.getValue(), absent, unreadable);
            }
            found.put(tree.getKey(), scanned.inventory());
        }
        return new TreeScan.Scanned(found);
    }

    private TreeScanner scanner(String tree) {
        var scanner = scanners.get(tree);
        if (scanner == null) {
            throw new IllegalStateException("no filter for " + tree);
        }
        return scanner;
    }

    /** Hears what was done since the last time. */
    interface Steps {
        void add(long entries, long bytes);
    }

    /** The scanner tells totals of one tree; the loop wants what was added, over all trees. */
    static io.lockstep.agent.scan.ScanProgress steps(Steps progress) {
        var last = new AtomicLongArray(2);
        return (entries, bytes) -> progress.add(entries - last.getAndSet(0, entries), bytes - last.getAndSet(1, bytes));
    }

    /** Nanoseconds since 1970. */
    static long nanos(Instant now) {
        return Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
    }

    /** What a scan that came to nothing says. */
    static TreeScan.Failed failed(ScanOutcome outcome, Path root, Reason absent, Function<String, Reason> unreadable) {
        if (outcome instanceof ScanOutcome.RootAbsent) {
            return new TreeScan.Failed(absent, root + " is not there");
        }
        if (outcome instanceof ScanOutcome.RootUnreadable problem) {
            return new TreeScan.Failed(unreadable.apply(problem.error()), root + " can't be read: " + problem.error());
        }
        if (outcome instanceof ScanOutcome.TooLarge large) {
            return new TreeScan.Failed(
                    unreadable.apply(""), root + " has more than " + large.maxEntries() + " entries");
        }
        return new TreeScan.Failed(unreadable.apply(""), "the scan of " + root + " was ended");
    }
}
