package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.MountEvidence.State;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.View;
import io.lockstep.mount.MountRule.Verdict;
import io.lockstep.mount.ScanRule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Scans the share and keeps the looks that are good. A look counts when a probe that began after the scan's end proved
 * the share: so what was scanned is the proven share from before the scan until after it. Only the control thread
 * calls the methods.
 */
final class ShareScans {
    private final Share share;
    private final LoopSettings settings;
    private final LoopListener listener;
    private final Background<Found> scan;
    private final LookHistory looks;
    private ScanProgress progress = new ScanProgress();
    private Instant startedAt = Instant.MIN;
    private Instant movedAt = Instant.MIN;
    private long movedTo;
    private Instant everyDigestAt;
    private boolean isOutdated;
    private Verdict failure = Verdict.OK;
    private Optional<Scanned> unconfirmed = Optional.empty();
    private List<EntryPath> changes = List.of();

    /** A scan, and what the errors that it met say of the share. */
    private record Found(TreeScan scan, Verdict refusals) {}

    /** A scan that ended well, and has not been confirmed yet. */
    private record Scanned(Map<String, Inventory> inventories, Instant startedAt, Instant endedAt) {}

    ShareScans(
            Share share, LoopSettings settings, LoopListener listener, Executor executor, Runnable wake, Instant now) {
        this.share = share;
        this.settings = settings;
        this.listener = listener;
        scan = new Background<>(executor, wake);
        looks = new LookHistory(settings.settle(), settings.settleShare(), settings.maxShareOfTime());
        everyDigestAt = now.plus(settings.digestAllEvery());
    }

    LookHistory looks() {
        return looks;
    }

    /** Why the last scan failed. It stays until another scan takes it back, whatever a probe finds. */
    Verdict failure() {
        return failure;
    }

    /** Whether a probe has to confirm what was scanned. */
    boolean isUnconfirmed() {
        return unconfirmed.isPresent();
    }

    /** The paths that changed between the last two looks, once; at most {@code limit}. */
    List<EntryPath> takeChanges(int limit) {
        var taken = changes.subList(0, Math.min(limit, changes.size()));
        changes = List.of();
        return List.copyOf(taken);
    }

    /** For how long a running scan has done nothing; zero when none runs. */
    Duration silence(Instant now) {
        return scan.isRunning() ? Duration.between(movedAt, now) : Duration.ZERO;
    }

    /** What is being scanned is not what is there any more, or not for sure: it will be no look. */
    void outdate() {
        isOutdated = true;
        unconfirmed = Optional.empty();
        looks.want();
    }

    /** The share is not proven any more: nothing that was seen of it counts. */
    void lose() {
        outdate();
        looks.forget();
    }

    /** Collects a scan that ended. */
    void collect(Instant now) {
        track(now);
        scan.collect().ifPresent(found -> ended(found, now));
    }

    private void track(Instant now) {
        // A scan shares its thread with the copying from the share: while it waits for that, it has not been asked yet.
        long done = progress.entries() + progress.bytes();
        if (scan.isRunning() && (!progress.hasBegun() || done != movedTo)) {
            movedTo = done;
            movedAt = now;
        }
    }

    private void ended(Found found, Instant now) {
        if (found.scan() instanceof TreeScan.Failed failed) {
            fail(new Verdict(State.LOST, failed.reason(), failed.detail()), now);
            return;
        }
        if (!found.refusals().isOk()) {
            // One error may be a directory that another client replaced just then; the next scan tells.
            var first = new Verdict(
                    State.SUSPECT, found.refusals().reason(), found.refusals().detail());
            fail(failure.isOk() ? first : found.refusals(), now);
            return;
        }
        failure = Verdict.OK;
        if (isOutdated) {
            looks.failed(now);
        } else {
            unconfirmed = Optional.of(new Scanned(((TreeScan.Scanned) found.scan()).inventories(), startedAt, now));
        }
    }

    private void fail(Verdict verdict, Instant now) {
        looks.failed(now);
        failure = verdict;
        listener.scanFailed(LoopListener.Place.SHARE, verdict.reason().name());
    }

    /** The share is proven by a probe that began at {@code probedAt}. */
    void confirm(Instant probedAt) {
        if (unconfirmed.isEmpty() || probedAt.isBefore(unconfirmed.get().endedAt())) {
            return;
        }
        var scanned = unconfirmed.get();
        unconfirmed = Optional.empty();
        var before = looks.newer().map(LookHistory.Look::view);
        looks.accept(scanned.inventories(), scanned.startedAt(), scanned.endedAt());
        var after = looks.newer().orElseThrow().view();
        before.ifPresent(view -> changes = changedPaths(view, after));
        int files = scanned.inventories().values().stream()
                .mapToInt(Inventory::hashedFiles)
                .sum();
        long bytes = scanned.inventories().values().stream()
                .mapToLong(Inventory::hashedBytes)
                .sum();
        var took = Duration.between(scanned.startedAt(), scanned.endedAt());
        listener.scanned(LoopListener.Place.SHARE, took, files, bytes);
    }

    private static List<EntryPath> changedPaths(View before, View after) {
        var paths = new ArrayList<EntryPath>();
        ManifestDiff.between(before.manifest(), after.manifest())
                .differences()
                .forEach(difference -> paths.add(difference.path()));
        return paths;
    }

    /** Starts a scan if one is due. */
    void startWhenDue(boolean isProven, Instant now) {
        if (!scan.isRunning() && unconfirmed.isEmpty() && isDue(isProven, now)) {
            start(now);
        }
    }

    private boolean isDue(boolean isProven, Instant now) {
        // Only another scan can take back what a failed one said.
        return failure.reason() == Reason.OK
                ? settings.scansShare() && isProven && !now.isBefore(looks.dueAt(settings.scanInterval()))
                : !now.isBefore(startedAt.plus(settings.probeInterval()));
    }

    private void start(Instant now) {
        boolean everyDigest = !now.isBefore(everyDigestAt);
        if (everyDigest) {
            everyDigestAt = now.plus(settings.digestAllEvery());
        }
        var previous = looks.inventories();
        var counted = new ScanProgress();
        progress = counted;
        startedAt = now;
        movedAt = now;
        movedTo = 0;
        isOutdated = false;
        scan.start(() -> {
            counted.begin();
            var found = share.scan(previous, everyDigest, counted);
            var refusals =
                    found instanceof TreeScan.Scanned scanned ? ScanRule.judge(scanned.inventories()) : Verdict.OK;
            return new Found(found, refusals);
        });
    }
}
