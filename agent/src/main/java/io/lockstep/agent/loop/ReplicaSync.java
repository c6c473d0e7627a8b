package io.lockstep.agent.loop;

import io.lockstep.cluster.NodeName;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the replica to a generation: finds out which content is missing, stages it from the share or from members
 * that hold the generation, and applies it. One step at a time, each on the thread of what it touches; a step that
 * fails is tried again after a pause, from the start.
 */
final class ReplicaSync {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaSync.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Replica replica;
    private final Share share;
    private final Peers peers;
    private final LoopListener listener;
    private final Background<List<ManifestEntry>> counting;
    private final Background<Staging> fromShare;
    private final Background<Staging> fromPeer;
    private final Background<Change> applying;
    private final Background<Boolean> clearing;
    private Optional<Job> job = Optional.empty();
    private Instant stepStartedAt = Instant.MIN;
    private Instant notBefore = Instant.MIN;
    private Optional<String> problem = Optional.empty();
    private int attempts;
    private boolean usedStage;

    /** What is being done; {@code share} is the look at the share when it began. */
    private record Job(
            Generation generation, Manifest reference, View seen, List<Manifest> known, Optional<View> share) {}

    ReplicaSync(
            Replica replica,
            Share share,
            Peers peers,
            LoopListener listener,
            Executor onReplica,
            Executor onShare,
            Executor onPeers,
            Runnable wake) {
        this.replica = replica;
        this.share = share;
        this.peers = peers;
        this.listener = listener;
        counting = new Background<>(onReplica, wake);
        fromShare = new Background<>(onShare, wake);
        fromPeer = new Background<>(onPeers, wake);
        applying = new Background<>(onReplica, wake);
        clearing = new Background<>(onReplica, wake);
    }

    /** Whether the replica or the stage is being worked on. */
    boolean isBusy() {
        return job.isPresent() || clearing.isRunning();
    }

    /** Why the last attempt did not come to its end; empty when it did. */
    Optional<String> problem() {
        return problem;
    }

    /** Whether a new attempt may begin. */
    boolean mayStart(Instant now) {
        return !isBusy() && !now.isBefore(notBefore);
    }

    /**
     * Begins an attempt. The caller has checked {@link #mayStart} and that no scan of the replica is running.
     *
     * @param known manifests whose entries are known content: what they replace goes to the trash
     */
    void start(
            Generation generation,
            Manifest reference,
            View seen,
            List<Manifest> known,
            Optional<View> shareView,
            Instant now) {
        job = Optional.of(new Job(generation, reference, seen, known, shareView));
        attempts++;
        usedStage = true;
        stepStartedAt = now;
        counting.start(() -> replica.notStaged(ManifestDiff.contentMissingFrom(seen.manifest(), reference)));
    }

    /** Whether content may lie in the stage that nobody needs any more once the replica holds the generation. */
    boolean hasUsedStage() {
        return usedStage;
    }

    /** Frees the stage; nothing may be running. */
    void clearStage() {
        usedStage = false;
        clearing.start(() -> {
            replica.clearStage();
            return true;
        });
    }

    /**
     * Collects the step that ended and starts the next.
     *
     * @param holders members that hold the generation, the nearest first
     * @return whether the replica was changed, so that it should be looked at
     */
    boolean turn(List<NodeName> holders, Instant now) {
        clearing.collect();
        counting.collect().ifPresent(missing -> stageFromShare(missing, holders, now));
        fromShare.collect().ifPresent(staging -> {
            listener.staged(LoopListener.Source.SHARE, staging.isComplete(), Duration.between(stepStartedAt, now));
            stageFromPeer(staging, holders, now);
        });
        fromPeer.collect().ifPresent(staging -> {
            listener.staged(LoopListener.Source.PEER, staging.isComplete(), Duration.between(stepStartedAt, now));
            if (staging.isComplete()) {
                apply(now);
            } else {
                fail(staging.problem().orElse("content is missing"), now);
            }
        });
        var change = applying.collect();
        change.ifPresent(done -> finished(done, now));
        return change.isPresent();
    }

    private void stageFromShare(List<ManifestEntry> missing, List<NodeName> holders, Instant now) {
        var view = job.orElseThrow().share();
        var there = missing.stream()
                .filter(entry -> view.flatMap(v -> v.manifest().find(entry.path()))
                        .filter(entry::hasContentOf)
                        .isPresent())
                .toList();
        if (there.isEmpty()) {
            stageFromPeer(new Staging(missing, Optional.empty()), holders, now);
            return;
        }
        stepStartedAt = now;
        fromShare.start(() -> {
            var staged = share.stage(there);
            var rest = new ArrayList<>(missing);
            rest.removeAll(there);
            rest.addAll(staged.missing());
            return new Staging(rest, staged.problem());
        });
    }

    private void stageFromPeer(Staging sofar, List<NodeName> holders, Instant now) {
        if (sofar.isComplete()) {
            apply(now);
            return;
        }
        if (holders.isEmpty()) {
            fail(
                    "no reachable member holds generation "
                            + job.orElseThrow().generation().id() + ", and "
                            + sofar.missing().size()
                            + " files are missing here"
                            + sofar.problem().map(why -> " (" + why + ")").orElse(""),
                    now);
            return;
        }
        // Another member at each attempt: one that sends nonsense does not stop the others.
        var member = holders.get(attempts % holders.size());
        var generation = job.orElseThrow().generation();
        stepStartedAt = now;
        fromPeer.start(() -> peers.pull(member, generation, sofar.missing()));
    }

    private void apply(Instant now) {
        var next = job.orElseThrow();
        stepStartedAt = now;
        applying.start(() -> replica.apply(next.generation(), next.reference(), next.seen(), next.known()));
    }

    private void finished(Change change, Instant now) {
        listener.changed(LoopListener.Place.REPLICA, change, Duration.between(stepStartedAt, now));
        LOG.info(
                "applied generation={} written={} trashed={} preserved={} problem=\"{}\"",
                job.orElseThrow().generation().id(),
                change.written(),
                change.trashed(),
                change.preserved(),
                change.problem().orElse(""));
        if (change.problem().isPresent()) {
            fail(change.problem().get(), now);
        } else {
            problem = Optional.empty();
            job = Optional.empty();
            notBefore = now;
        }
    }

    private void fail(String why, Instant now) {
        if (!problem.equals(Optional.of(why))) {
            LOG.warn(
                    "generation {} is not applied: {}",
                    job.orElseThrow().generation().id(),
                    why);
        }
        problem = Optional.of(why);
        job = Optional.empty();
        notBefore = now.plus(PAUSE);
    }
}
