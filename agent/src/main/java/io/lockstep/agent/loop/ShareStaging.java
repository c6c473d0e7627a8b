package io.lockstep.agent.loop;

import io.lockstep.agent.loop.Candidates.Candidate;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Takes generations from the share: stages their content first, so that they can be completed when the share goes away
 * right then. Only the manager's control thread calls the methods.
 */
final class ShareStaging {
    private final Share share;
    private final Commits commits;
    private final LoopListener listener;
    private final Background<Staging> staging;
    private Optional<Candidate> stagingFor = Optional.empty();
    private Optional<Digest> staged = Optional.empty();
    private Instant startedAt = Instant.MIN;
    private Optional<String> problem = Optional.empty();

    ShareStaging(Share share, Commits commits, LoopListener listener, Executor onShare, Runnable wake) {
        this.share = share;
        this.commits = commits;
        this.listener = listener;
        staging = new Background<>(onShare, wake);
    }

    /** Whether the stage holds, or is about to hold, content of a generation that is not committed yet. */
    boolean isBusy() {
        return staging.isRunning() || staged.isPresent();
    }

    /** Why the last content did not come; empty when it did. */
    Optional<String> problem() {
        return problem;
    }

    void collect(ShareWatch shareWatch, Instant now) {
        staging.collect().ifPresent(result -> {
            listener.staged(LoopListener.Source.SHARE, result.isComplete(), Duration.between(startedAt, now));
            if (result.isComplete()) {
                staged = stagingFor.map(c -> c.next().manifest().root());
                problem = Optional.empty();
            } else {
                // It changed, or went away, while it was copied: the next look tells what it is now.
                problem = result.problem();
                shareWatch.want();
            }
        });
    }

    /** Nothing is to be taken from the share now. */
    void forget() {
        staged = Optional.empty();
    }

    /** Commits the candidate when its content is staged, and stages it when the stage is free. */
    void commit(Candidate candidate, ReplicaWatch replicaWatch, boolean stageIsBusy, Instant now) throws IOException {
        var next = candidate.next().manifest();
        if (staged.equals(Optional.of(next.root()))) {
            commits.commit(next, candidate.seenAt(), now);
            staged = Optional.empty();
        } else if (!staging.isRunning() && !stageIsBusy) {
            var have = replicaWatch.newer().map(look -> look.view().manifest()).orElse(Manifest.empty());
            var missing = ManifestDiff.contentMissingFrom(have, next);
            stagingFor = Optional.of(candidate);
            startedAt = now;
            staging.start(() -> share.stage(missing));
        }
    }
}
