package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.Reason;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.View;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.MountRule;
import io.lockstep.mount.Probe;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the evidence of the share and the looks at it. A probe every second finds a share that went away; a scan every
 * interval finds what it holds; both run on threads that may hang with the share, and hanging is evidence too.
 */
final class ShareWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ShareWatch.class);

    private final Share share;
    private final LoopSettings settings;
    private final LoopListener listener;
    private final Background<Probe> probe;
    private final Background<TreeScan> scan;
    private final LookHistory looks;
    private Beacon beacon;
    private MountEvidence evidence;
    private Instant probeStartedAt = Instant.MIN;
    private Instant scanStartedAt = Instant.MIN;
    private Instant scanMovedAt = Instant.MIN;
    private long scanMovedTo;
    private ScanProgress progress = new ScanProgress();
    private Instant everyDigestAt;
    private boolean scanIsOutdated;
    private Optional<TreeScan.Failed> scanFailure = Optional.empty();
    private List<EntryPath> changes = List.of();

    ShareWatch(
            Share share,
            LoopSettings settings,
            LoopListener listener,
            Executor probing,
            Executor scanning,
            Runnable wake,
            long incarnation,
            Instant now) {
        this.share = share;
        this.settings = settings;
        this.listener = listener;
        probe = new Background<>(probing, wake);
        scan = new Background<>(scanning, wake);
        looks = new LookHistory(settings.settle(), settings.settleShare(), settings.maxShareOfTime());
        beacon = new Beacon(settings.node(), incarnation, 1);
        evidence = MountEvidence.notYet(now);
        everyDigestAt = now.plus(settings.digestAllEvery());
    }

    MountEvidence evidence() {
        return evidence;
    }

    /** The last look, while the share is proven. */
    Optional<LookHistory.Look> newer() {
        return evidence.isProven() ? looks.newer() : Optional.empty();
    }

    /** The look before the last one, while the share is proven. */
    Optional<LookHistory.Look> older() {
        return evidence.isProven() ? looks.older() : Optional.empty();
    }

    /** Whether the last two looks saw the same. */
    boolean isSettled() {
        return evidence.isProven() && looks.isSettled();
    }

    /** Whether the share has been proven without a break for this long. */
    boolean isProvenFor(Duration time, Instant now) {
        return evidence.isProven() && Duration.between(evidence.since(), now).compareTo(time) >= 0;
    }

    /** See {@link LookHistory#reported}. */
    List<EntryPath> reported() {
        return looks.reported();
    }

    /** Asks for a look as soon as the pace allows. */
    void want() {
        looks.want();
    }

    /** See {@link LookHistory#confirm}. */
    void confirm() {
        looks.confirm();
    }

    /** The paths that changed between the last two looks, once; at most {@code limit}. */
    List<EntryPath> takeChanges(int limit) {
        var taken = changes.subList(0, Math.min(limit, changes.size()));
        changes = List.of();
        return List.copyOf(taken);
    }

    /** Collects what ended, judges what did not, and starts what is due. */
    void turn(Instant now) {
        trackScan(now);
        probe.collect().ifPresent(found -> probed(found, now));
        scan.collect().ifPresent(found -> scanned(found, now));
        judgeSilence(now);
        if (!probe.isRunning() && !now.isBefore(plus(probeStartedAt, settings.probeInterval()))) {
            probeStartedAt = now;
            var next = beacon;
            beacon = beacon.next();
            probe.start(() -> share.probe(next, settings.peers()));
        }
        if (!scan.isRunning() && isScanDue(now)) {
            startScan(now);
        }
    }

    private boolean isScanDue(Instant now) {
        // Only another scan can take back what a failed one said.
        return scanFailure.isPresent()
                ? !now.isBefore(plus(scanStartedAt, settings.probeInterval()))
                : evidence.isProven() && !now.isBefore(looks.dueAt(settings.scanInterval()));
    }

    private static Instant plus(Instant instant, Duration duration) {
        return instant.equals(Instant.MIN) ? instant : instant.plus(duration);
    }

    private void startScan(Instant now) {
        boolean everyDigest = !now.isBefore(everyDigestAt);
        if (everyDigest) {
            everyDigestAt = now.plus(settings.digestAllEvery());
        }
        var previous = looks.inventories();
        var counted = new ScanProgress();
        progress = counted;
        scanStartedAt = now;
        scanMovedAt = now;
        scanMovedTo = 0;
        scanIsOutdated = false;
        scan.start(() -> {
            counted.begin();
            return share.scan(previous, everyDigest, counted);
        });
    }

    private void probed(Probe probed, Instant now) {
        var found = MountRule.judge(probed, settings.clusterId());
        // A marker that can be read says nothing of a scan that hangs or failed; it must not start the loss anew.
        if (found.reason() != Reason.OK) {
            observe(found.reason(), found.detail(), now);
        } else if (scanFailure.isPresent()) {
            observe(scanFailure.get().reason(), scanFailure.get().detail(), now);
        } else if (!scanHangs(now)) {
            observe(Reason.OK, "", now);
        }
    }

    private void scanned(TreeScan found, Instant now) {
        if (found instanceof TreeScan.Failed failed) {
            looks.failed(now);
            scanFailure = Optional.of(failed);
            listener.scanFailed(LoopListener.Place.SHARE, failed.reason().name());
            observe(failed.reason(), failed.detail(), now);
            return;
        }
        scanFailure = Optional.empty();
        var inventories = ((TreeScan.Scanned) found).inventories();
        if (scanIsOutdated) {
            // The share went away while it was scanned: what was seen of it is no evidence.
            looks.failed(now);
            return;
        }
        var before = looks.newer().map(LookHistory.Look::view);
        looks.accept(inventories, scanStartedAt, now);
        var after = looks.newer().orElseThrow().view();
        before.ifPresent(view -> changes = changedPaths(view, after));
        int files = inventories.values().stream().mapToInt(i -> i.hashedFiles()).sum();
        long bytes =
                inventories.values().stream().mapToLong(i -> i.hashedBytes()).sum();
        listener.scanned(LoopListener.Place.SHARE, Duration.between(scanStartedAt, now), files, bytes);
    }

    private static List<EntryPath> changedPaths(View before, View after) {
        var paths = new ArrayList<EntryPath>();
        ManifestDiff.between(before.manifest(), after.manifest())
                .differences()
                .forEach(difference -> paths.add(difference.path()));
        return paths;
    }

    /** A probe that does not end, or a scan that does not move, is a share that hangs. */
    private void judgeSilence(Instant now) {
        boolean probeHangs = probe.isRunning() && isOver(probeStartedAt, now);
        boolean scanHangs = scanHangs(now);
        if (probeHangs || scanHangs) {
            observe(
                    Reason.SHARE_HUNG,
                    (probeHangs ? "a probe" : "a scan") + " has not answered for " + settings.shareDeadline(),
                    now);
        }
    }

    private void trackScan(Instant now) {
        // A scan shares its thread with the copying from the share: while it waits for that, it has not been asked yet.
        long done = progress.entries() + progress.bytes();
        if (scan.isRunning() && (!progress.hasBegun() || done != scanMovedTo)) {
            scanMovedTo = done;
            scanMovedAt = now;
        }
    }

    private boolean scanHangs(Instant now) {
        return scan.isRunning() && isOver(scanMovedAt, now);
    }

    private boolean isOver(Instant start, Instant now) {
        return Duration.between(start, now).compareTo(settings.shareDeadline()) > 0;
    }

    private void observe(Reason reason, String detail, Instant now) {
        var state = reason == Reason.OK ? MountEvidence.State.PROVEN : MountEvidence.State.LOST;
        var next = evidence.followedBy(new MountEvidence(state, reason, detail, now, now));
        if (next.state() != evidence.state()) {
            LOG.info("share from={} to={} reason={} detail=\"{}\"", evidence.state(), state, reason, detail);
        }
        if (state == MountEvidence.State.LOST && evidence.isProven()) {
            looks.forget();
            scanIsOutdated = true;
        }
        evidence = next;
    }
}
