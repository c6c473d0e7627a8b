package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the looks at the node's own replica. Scans share one thread with the changes, so that none sees a change half
 * done.
 */
final class ReplicaWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaWatch.class);

    private final Replica replica;
    private final LoopSettings settings;
    private final LoopListener listener;
    private final Background<TreeScan> scan;
    private final LookHistory looks;
    private Instant scanStartedAt = Instant.MIN;
    private Instant everyDigestAt;
    private Optional<String> problem = Optional.empty();

    ReplicaWatch(
            Replica replica,
            LoopSettings settings,
            LoopListener listener,
            Executor worker,
            Runnable wake,
            Instant now) {
        this.replica = replica;
        this.settings = settings;
        this.listener = listener;
        scan = new Background<>(worker, wake);
        looks = new LookHistory(settings.settle(), settings.settle(), settings.maxShareOfTime());
        everyDigestAt = now.plus(settings.digestAllEvery());
    }

    Optional<LookHistory.Look> newer() {
        return looks.newer();
    }

    Optional<LookHistory.Look> older() {
        return looks.older();
    }

    Optional<LookHistory.Look> previous() {
        return looks.previous();
    }

    /** Whether the last two looks saw the same. */
    boolean isSettled() {
        return looks.isSettled();
    }

    /** Why the last look failed; empty when it did not. */
    Optional<String> problem() {
        return problem;
    }

    boolean isScanning() {
        return scan.isRunning();
    }

    /** See {@link LookHistory#reported}. */
    List<EntryPath> reported() {
        return looks.reported();
    }

    void want() {
        looks.want();
    }

    /** Collects a look that ended, and starts one that is due unless the replica is being changed. */
    void turn(Instant now, boolean isChanging) {
        scan.collect().ifPresent(found -> scanned(found, now));
        if (isChanging || scan.isRunning() || now.isBefore(looks.dueAt(settings.replicaInterval()))) {
            return;
        }
        boolean everyDigest = !now.isBefore(everyDigestAt);
        if (everyDigest) {
            everyDigestAt = now.plus(settings.digestAllEvery());
        }
        var previous = looks.inventories();
        scanStartedAt = now;
        scan.start(() -> replica.scan(previous, everyDigest, new ScanProgress()));
    }

    private void scanned(TreeScan found, Instant now) {
        if (found instanceof TreeScan.Failed failed) {
            if (problem.isEmpty()) {
                LOG.error("replica reason={} detail=\"{}\"", Reason.REPLICA_BROKEN, failed.detail());
            }
            problem = Optional.of(failed.detail());
            listener.scanFailed(LoopListener.Place.REPLICA, failed.reason().name());
            looks.forget();
            looks.failed(now);
            return;
        }
        problem = Optional.empty();
        var inventories = ((TreeScan.Scanned) found).inventories();
        looks.accept(inventories, scanStartedAt, now);
        int files = inventories.values().stream().mapToInt(i -> i.hashedFiles()).sum();
        long bytes =
                inventories.values().stream().mapToLong(i -> i.hashedBytes()).sum();
        listener.scanned(LoopListener.Place.REPLICA, Duration.between(scanStartedAt, now), files, bytes);
    }
}
