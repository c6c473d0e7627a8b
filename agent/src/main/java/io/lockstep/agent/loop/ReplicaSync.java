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
    private final Rejections rejections = new Rejections();
    // What an earlier process left is nobody's either, once the replica holds the generation.
    private boolean usedStage = true;

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

    /** Why the last attempt did not come to its end, or which member is left out; empty when all went well. */
    Optional<String> problem() {
        return problem.or(rejections::problem);
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
        usedStage = true;
        stepStartedAt = now;
        var held = seen.manifest();
        counting.start(() -> replica.notStaged(ManifestDiff.contentMissingFrom(held, reference), held));
    }

    /** Whether content may lie in the stage that nobody needs any more once the replica holds the generation. */
    boolean hasUsedStage() {
        return usedStage;
    }

    /** Others put content into the stage, which they may leave there. */
    void useStage() {
        usedStage = true;
    }

    /** Frees the stage; nothing may be running. */
    void clearStage() {
        usedStage = false;
        clearing.start(() -> {
            replica.clearStage();
            peers.forgetPulls();
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
        rejections.expire(now);
        clearing.collect();
        counting.collect().ifPresent(missing -> stageFromShare(missing, holders, now));
        fromShare.collect().ifPresent(staging -> {
            listener.staged(LoopListener.Source.SHARE, staging.isComplete(), Duration.between(stepStartedAt, now));
            stageFromPeer(staging, holders, now);
        });
        fromPeer.collect().ifPresent(staging -> {
            listener.staged(LoopListener.Source.PEER, staging.isComplete(), Duration.between(stepStartedAt, now));
            reject(staging.rejections(), now);
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
        var doing = job.orElseThrow();
        var members = rejections.allowed(holders, doing.generation());
        if (members.isEmpty()) {
            fail(nobodyHas(doing.generation(), sofar), now);
            return;
        }
        var task = new PullTask(
                doing.generation(), sofar.missing(), members, doing.seen().manifest());
        stepStartedAt = now;
        fromPeer.start(() -> peers.pull(task));
    }

    private String nobodyHas(Generation generation, Staging sofar) {
        return "no reachable member holds generation " + generation.id() + ", and "
                + sofar.missing().size() + " files are missing here"
                + sofar.problem().map(why -> " (" + why + ")").orElse("")
                + rejections.problem().map(why -> "; left out: " + why).orElse("");
    }

    private void reject(List<Rejection> rejected, Instant now) {
        var generation = job.orElseThrow().generation();
        for (var rejection : rejected) {
            LOG.warn("pull rejected peer={} generation={} {}", rejection.peer(), generation.id(), rejection.fields());
            listener.rejected(rejection.peer());
        }
        rejections.add(generation, rejected, now);
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
