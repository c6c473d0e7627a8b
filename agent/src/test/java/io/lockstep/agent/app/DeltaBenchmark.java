package io.lockstep.agent.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.commons.io.file.PathUtils;

/**
 * Measures what a pull of a 50 MB archive moves over the wire, TLS and HTTP included, and how long it takes: without an
 * older version, with one of which 1 % of the entries changed, and after a pull that was cut off. The three take turns.
 */
final class DeltaBenchmark {
    private static final String CAR = "carbonapps/Shop_1.0.0.car";
    private static final int CUT_BYTES = 40_000_000;

    private final List<Measure> whole = new ArrayList<>();
    private final List<Measure> delta = new ArrayList<>();
    private final List<Measure> resumed = new ArrayList<>();

    private record Measure(long bytes, Duration took) {}

    private DeltaBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length == 0 ? 5 : Integer.parseInt(arguments[0]);
        var directory = Files.createTempDirectory("lockstep-delta");
        try {
            new DeltaBenchmark().run(directory, rounds);
        } finally {
            PathUtils.deleteDirectory(directory);
        }
    }

    private void run(Path directory, int rounds) throws Exception {
        var old = PullIT.car(1);
        var changed = PullIT.car(2);
        try (var fixture = new PullFixture(Files.createDirectory(directory.resolve("pull")), "gw1")) {
            var relay = fixture.members.get("gw1").relay;
            fixture.publish(CAR, changed);
            // The first round warms up and does not count.
            for (int round = 0; round <= rounds; round++) {
                fixture.holdNothing();
                relay.cutAfter(CUT_BYTES);
                measure(fixture, false);
                relay.heal();
                var afterCut = measure(fixture, true);
                var without = measure(fixture, true);
                fixture.hold(CAR, old);
                var with = measure(fixture, true);
                if (round > 0) {
                    resumed.add(afterCut);
                    whole.add(without);
                    delta.add(with);
                }
            }
        }
        System.out.printf("an archive of %,d bytes, medians of %d rounds%n", changed.length, rounds);
        print("whole, no older version", whole, changed.length);
        print("1 % of the entries changed", delta, changed.length);
        print("after a cut at 40 MB", resumed, changed.length);
    }

    private static Measure measure(PullFixture fixture, boolean completes) {
        var clock = InstantSource.system();
        fixture.takeWireBytes();
        var start = clock.instant();
        var staging = fixture.pull();
        var took = Duration.between(start, clock.instant());
        if (staging.isComplete() != completes) {
            throw new IllegalStateException("the pull ended with " + staging);
        }
        fixture.stage.retain(Set.of());
        return new Measure(fixture.takeWireBytes(), took);
    }

    private static void print(String label, List<Measure> measures, int size) {
        long bytes = measures.stream().mapToLong(Measure::bytes).sorted().toArray()[measures.size() / 2];
        var took = measures.stream().map(Measure::took).sorted().toList().get(measures.size() / 2);
        System.out.printf(
                "%-27s %,12d bytes on the wire, %5.1f %% of it, %,6d ms%n",
                label, bytes, 100.0 * bytes / size, took.toMillis());
    }
}
