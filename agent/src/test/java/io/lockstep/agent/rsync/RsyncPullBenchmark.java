package io.lockstep.agent.rsync;

import io.lockstep.artifact.EntryPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Measures a pull of one file of 4 KiB over a loopback socket, with and without {@code TCP_NODELAY}, alternating in one
 * run. Prints medians in ms. Takes the directory to work in as its argument.
 */
final class RsyncPullBenchmark {
    private static final int WARM_UP = 5;
    private static final int ROUNDS = 30;

    private RsyncPullBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        var fixture = new TransferFixture(Files.createDirectories(Path.of(arguments[0])));
        var set = FileSet.ofEntries(List.of(fixture.file(EntryPath.of("api/Echo.xml"), new byte[4096])));
        var with = new ArrayList<Duration>();
        var without = new ArrayList<Duration>();
        for (int round = 0; round < WARM_UP + ROUNDS; round++) {
            var quick = time(fixture, set, true);
            var slow = time(fixture, set, false);
            if (round >= WARM_UP) {
                with.add(quick);
                without.add(slow);
            }
        }
        print("TCP_NODELAY", with);
        print("without", without);
    }

    private static Duration time(TransferFixture fixture, FileSet set, boolean noDelay) throws Exception {
        var clock = InstantSource.system();
        var pair = Loopback.pair(noDelay);
        var start = clock.instant();
        var serving = CompletableFuture.supplyAsync(
                () -> fixture.serve.serve(set, fixture.replica, pair.server(), TransferFixture.LIMITS));
        var outcome = fixture.pull.pull(set, fixture.staging, pair.puller(), TransferFixture.LIMITS);
        var took = Duration.between(start, clock.instant());
        if (!outcome.isComplete() || !serving.get().isComplete()) {
            throw new IllegalStateException(outcome.message());
        }
        return took;
    }

    private static void print(String label, List<Duration> times) {
        var sorted = times.stream().sorted().toList();
        System.out.printf(
                "%-12s median %.1f ms, fastest %.1f, slowest %.1f (%d rounds)%n",
                label,
                millis(sorted.get(sorted.size() / 2)),
                millis(sorted.get(0)),
                millis(sorted.get(sorted.size() - 1)),
                sorted.size());
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
