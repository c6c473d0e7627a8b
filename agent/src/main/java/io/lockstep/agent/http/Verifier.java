package io.lockstep.agent.http;

import io.lockstep.agent.loop.ControlLoop;
import io.lockstep.agent.loop.ScanProgress;
import io.lockstep.agent.loop.Share;
import io.lockstep.agent.loop.TreeScan;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import io.lockstep.wire.DiffReport;
import io.lockstep.wire.VerifyReport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Runs verifies, one at a time, and remembers the last. Safe for any thread. */
public final class Verifier {
    private final ControlLoop loop;
    private final Share share;
    private final InstantSource clock;
    private long lastId;
    private Optional<Run> last = Optional.empty();

    private record Run(
            long id,
            Instant startedAt,
            ScanProgress progress,
            long expectedEntries,
            long expectedBytes,
            CompletableFuture<Outcome> outcome) {}

    private record Outcome(Instant at, Optional<DiffReport> result, Optional<String> problem) {}

    public Verifier(ControlLoop loop, Share share, InstantSource clock) {
        this.loop = loop;
        this.share = share;
        this.clock = clock;
    }

    /** Starts a run, or joins the one under way. */
    public synchronized VerifyReport start() {
        if (last.isEmpty() || last.get().outcome().isDone()) {
            last = Optional.of(begin());
        }
        return report(last.get());
    }

    /** The run with this id, if it is the last. */
    public synchronized Optional<VerifyReport> report(long id) {
        return last.filter(run -> run.id() == id).map(this::report);
    }

    private Run begin() {
        var views = loop.views();
        var reference = views.reference()
                .orElseThrow(() -> new RefusedException(
                        409, "there is no reference yet", "wait until the manager has committed a generation"));
        var manifest = views.manifest().orElseThrow();
        var progress = new ScanProgress();
        var outcome = loop.scanServed(share, progress)
                .handle((scan, failure) -> failure == null
                        ? outcome(scan, reference, manifest, views.serving().name())
                        : new Outcome(clock.instant(), Optional.empty(), Optional.of(String.valueOf(failure))));
        long bytes =
                manifest.entries().stream().mapToLong(ManifestEntry::sizeBytes).sum();
        return new Run(++lastId, clock.instant(), progress, manifest.size(), bytes, outcome);
    }

    private Outcome outcome(TreeScan scan, Generation reference, Manifest manifest, String what) {
        var now = clock.instant();
        if (scan instanceof TreeScan.Failed failed) {
            var why = failed.reason() + ": " + failed.detail();
            return new Outcome(now, Optional.empty(), Optional.of(why));
        }
        var view = View.of(((TreeScan.Scanned) scan).inventories(), View.of(manifest));
        var diff = DiffReport.between(loop.snapshot().node(), what, reference.id(), manifest, view);
        return new Outcome(now, Optional.of(diff), Optional.empty());
    }

    private VerifyReport report(Run run) {
        var outcome = run.outcome().getNow(null);
        var end = outcome == null ? clock.instant() : outcome.at();
        return new VerifyReport(
                run.id(),
                run.progress().entries(),
                run.progress().bytes(),
                run.expectedEntries(),
                run.expectedBytes(),
                Duration.between(run.startedAt(), end).toMillis() / 1000.0,
                outcome == null ? Optional.empty() : outcome.result(),
                outcome == null ? Optional.empty() : outcome.problem());
    }
}
