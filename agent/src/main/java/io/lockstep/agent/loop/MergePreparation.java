package io.lockstep.agent.loop;

import io.lockstep.agent.loop.ShareMerge.Plan;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Reason;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Refusal;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what must be done before a merge may be committed, in this order: finds out which of its conflicts are not kept on
 * this node, stages their content and what the merge takes from the share, looks into what it takes, keeps the
 * conflicts. Then the merge is committed; and when it is, and all conflicts are kept, nothing is on the share any more
 * that only the share has. What no generation may have is a conflict of the merge that is worked out next.
 *
 * <p>Killed anywhere, or gone on with by another manager, the steps begin anew: what is kept is found, and what is not is
 * still on the share. Only the manager's control thread calls the methods.
 */
final class MergePreparation {
    private static final Logger LOG = LoggerFactory.getLogger(MergePreparation.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** Of what is not merged, this much is told in the log; the conflict store has all. */
    private static final int MOST_LINES = 20;

    private final Share share;
    private final Conflicts conflicts;
    private final Inspector inspector;
    private final Commits commits;
    private final LoopListener listener;
    private final Background<List<ManifestEntry>> looking;
    private final Background<Staging> staging;
    private final Background<Inspection> inspecting;
    private final Background<Optional<String>> keeping;
    private Optional<Job> job = Optional.empty();
    private Optional<Plan> prepared = Optional.empty();
    private boolean usesStage;
    private Instant startedAt = Instant.MIN;
    private Instant notBefore = Instant.MIN;
    private Optional<String> problem = Optional.empty();
    private Map<EntryPath, Refusal> refused = Map.of();

    /** What is being prepared; {@code unkept} is known once it was looked for. */
    private record Job(Plan plan, GenerationId reference, List<ManifestEntry> missing, List<ManifestEntry> unkept) {}

    MergePreparation(
            Share share,
            Conflicts conflicts,
            Inspector inspector,
            Commits commits,
            LoopListener listener,
            Executor onShare,
            Executor onReplica,
            Runnable wake) {
        this.share = share;
        this.conflicts = conflicts;
        this.inspector = inspector;
        this.commits = commits;
        this.listener = listener;
        looking = new Background<>(onReplica, wake);
        staging = new Background<>(onShare, wake);
        inspecting = new Background<>(onReplica, wake);
        keeping = new Background<>(onReplica, wake);
    }

    /** Whether the stage holds, or is about to hold, what a merge needs. */
    boolean isBusy() {
        return usesStage;
    }

    /** Why the last step did not come to its end; empty when it did. */
    Optional<String> problem() {
        return problem;
    }

    /** Whether {@code plan} is committed, and all its conflicts are kept here: then the share may be written. */
    boolean isDone(Plan plan) {
        return plan.isCommitted() && prepared.equals(Optional.of(plan));
    }

    /** Nothing is to be merged now: what was staged for it may go. */
    void forget() {
        if (job.isEmpty() && prepared.filter(Plan::isCommitted).isEmpty()) {
            usesStage = false;
            prepared = Optional.empty();
        }
    }

    /** Nothing is left of the last merge that matters. */
    void forgetAll() {
        if (job.isEmpty()) {
            usesStage = false;
            prepared = Optional.empty();
            problem = Optional.empty();
        }
    }

    /** Collects the step that ended, and starts the next. */
    void collect(ShareWatch shareWatch, Instant now) {
        looking.collect().ifPresent(unkept -> stage(unkept, now));
        staging.collect().ifPresent(staged -> {
            listener.staged(LoopListener.Source.SHARE, staged.isComplete(), Duration.between(startedAt, now));
            if (staged.isComplete()) {
                inspect();
            } else {
                // It changed, or went away, while it was copied: the next look tells what it is now.
                fail(staged.problem().orElse("content is missing"), now);
                shareWatch.want();
            }
        });
        inspecting.collect().ifPresent(found -> inspected(found, now));
        keeping.collect().ifPresent(why -> why.ifPresentOrElse(w -> fail(w, now), this::finish));
    }

    /**
     * Commits the merge when it is prepared, and prepares it when the stage is free. The replica is the reference.
     *
     * @param reference what is live now
     */
    void commit(Plan plan, GenerationId reference, boolean stageIsFree, Instant now) throws IOException {
        if (prepared.equals(Optional.of(plan))) {
            if (!plan.isCommitted()) {
                commits.merge(plan.merge().merged(), now);
                usesStage = false;
            }
            return;
        }
        if (job.isEmpty() && stageIsFree && !now.isBefore(notBefore)) {
            var missing = ManifestDiff.contentMissingFrom(
                    plan.reference(), plan.merge().merged());
            job = Optional.of(new Job(plan, reference, missing, List.of()));
            usesStage = true;
            looking.start(() -> conflicts.unkept(plan.merge().conflicts()));
        }
    }

    private void stage(List<ManifestEntry> unkept, Instant now) {
        var doing = job.orElseThrow();
        job = Optional.of(new Job(doing.plan(), doing.reference(), doing.missing(), unkept));
        var files = new ArrayList<>(doing.missing());
        files.addAll(unkept);
        if (files.isEmpty()) {
            finish();
            return;
        }
        startedAt = now;
        staging.start(() -> share.stage(files));
    }

    private void inspect() {
        var plan = job.orElseThrow().plan();
        inspecting.start(() -> inspector.inspect(plan.reference(), plan.merge().merged(), Inspector.Origin.SHARE));
    }

    private void inspected(Inspection found, Instant now) {
        if (found.problem().isPresent()) {
            fail(found.problem().get(), now);
        } else if (found.refused().isEmpty()) {
            keep();
        } else {
            found.refused().entrySet().stream()
                    .limit(MOST_LINES)
                    .forEach(one -> LOG.warn(
                            "not merged path={} why={} detail=\"{}\"",
                            one.getKey(),
                            one.getValue().why(),
                            one.getValue().detail()));
            refused = found.refused();
            job = Optional.empty();
            usesStage = false;
        }
    }

    /** What the share has and no generation may have, once; the merge that takes none of it is another one. */
    Map<EntryPath, Refusal> takeRefused() {
        var taken = refused;
        refused = Map.of();
        return taken;
    }

    private void keep() {
        var doing = job.orElseThrow();
        keeping.start(() -> conflicts.keep(doing.reference(), doing.unkept()));
    }

    private void finish() {
        var done = job.orElseThrow();
        if (!done.unkept().isEmpty()) {
            LOG.warn(
                    "conflicts kept={} first={}",
                    done.unkept().size(),
                    done.unkept().get(0).path());
        }
        prepared = Optional.of(done.plan());
        job = Optional.empty();
        problem = Optional.empty();
        usesStage = !done.plan().isCommitted();
    }

    private void fail(String why, Instant now) {
        if (!problem.equals(Optional.of(why))) {
            LOG.warn("reason={} the share is not merged: {}", Reason.SHARE_DIVERGED, why);
        }
        problem = Optional.of(why);
        job = Optional.empty();
        usesStage = false;
        notBefore = now.plus(PAUSE);
    }
}
