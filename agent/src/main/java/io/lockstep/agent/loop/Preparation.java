package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Concern;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestDiff;
import io.lockstep.generation.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Makes a manifest fit to be committed: its content is staged first, since a committed generation must be completed
 * whatever happens to the share, and then looked into, on the node's own disk. One manifest at a time. Only the control
 * thread calls the methods.
 */
final class Preparation {
    /** Between an attempt that did not come to its end and the next: a disk that refuses is not asked all the time. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Share share;
    private final Inspector inspector;
    private final LoopListener listener;
    private final Background<Staging> staging;
    private final Background<Inspection> inspecting;
    private Optional<Job> job = Optional.empty();
    private Optional<Digest> ready = Optional.empty();
    private Optional<Digest> surveyed = Optional.empty();
    private List<Concern> concerns = List.of();
    private Optional<String> problem = Optional.empty();
    private Instant stagingStartedAt = Instant.MIN;
    private Instant notBefore = Instant.MIN;
    private boolean wantsLook;

    /** What is being prepared. */
    private record Job(Manifest reference, Manifest next, Inspector.Origin origin) {}

    /** What was found not to be fit, and where it was written. */
    record Finding(Inspector.Origin origin, Map<EntryPath, Refusal> refused) {}

    Preparation(
            Share share,
            Inspector inspector,
            LoopListener listener,
            Executor onShare,
            Executor onReplica,
            Runnable wake) {
        this.share = share;
        this.inspector = inspector;
        this.listener = listener;
        staging = new Background<>(onShare, wake);
        inspecting = new Background<>(onReplica, wake);
    }

    /** Whether this manifest is fit to be committed as the successor of {@code reference}. */
    boolean isReady(Manifest next) {
        return ready.equals(Optional.of(next.root()));
    }

    /** Whether the stage holds, or is about to hold, content of a generation that is not committed yet. */
    boolean needsStage() {
        return job.isPresent() || ready.isPresent();
    }

    /** Whether a manifest is being prepared or surveyed. */
    boolean isBusy() {
        return job.isPresent();
    }

    /** Why the last attempt did not come to its end; empty when it did. */
    Optional<String> problem() {
        return problem;
    }

    /** Whether an attempt has failed since this was asked last: what is there may be something else by now. */
    boolean takeWantsLook() {
        boolean wanted = wantsLook;
        wantsLook = false;
        return wanted;
    }

    /** What people should know of the manifest that was last looked into. */
    List<Concern> concerns() {
        return concerns;
    }

    /** What was prepared is committed, or not wanted any more. */
    void forget() {
        ready = Optional.empty();
    }

    /**
     * Begins to prepare {@code next}, unless something is being prepared or the last attempt was a moment ago.
     *
     * @param have what the replica holds: its content need not be staged
     */
    void start(Manifest reference, Manifest next, Inspector.Origin origin, Manifest have, Instant now) {
        if (job.isPresent() || now.isBefore(notBefore)) {
            return;
        }
        ready = Optional.empty();
        job = Optional.of(new Job(reference, next, origin));
        if (origin == Inspector.Origin.SHARE) {
            var missing = ManifestDiff.contentMissingFrom(have, next);
            stagingStartedAt = now;
            staging.start(() -> share.stage(missing));
        } else {
            inspect();
        }
    }

    /** Looks for concerns of a manifest that is committed already, once. */
    void survey(Manifest reference, Instant now) {
        if (!surveyed.equals(Optional.of(reference.root())) && job.isEmpty() && !now.isBefore(notBefore)) {
            job = Optional.of(new Job(reference, reference, Inspector.Origin.SHARE));
            inspect();
        }
    }

    private void inspect() {
        var what = job.orElseThrow();
        inspecting.start(() -> inspector.inspect(what.reference(), what.next(), what.origin()));
    }

    /** Collects the step that ended and starts the next; returns what was found not to be fit, once. */
    Optional<Finding> turn(Instant now) {
        staging.collect().ifPresent(result -> {
            listener.staged(LoopListener.Source.SHARE, result.isComplete(), Duration.between(stagingStartedAt, now));
            if (result.isComplete()) {
                inspect();
            } else {
                // It changed, or went away, while it was copied.
                fail(result.problem().orElse("content is missing"), now);
            }
        });
        return inspecting.collect().flatMap(found -> inspected(found, now));
    }

    private Optional<Finding> inspected(Inspection found, Instant now) {
        var done = job.orElseThrow();
        if (found.problem().isPresent()) {
            fail(found.problem().get(), now);
        } else {
            problem = Optional.empty();
            job = Optional.empty();
            if (found.refused().isEmpty()) {
                concerns = found.concerns();
                surveyed = Optional.of(done.next().root());
                ready = done.next().root().equals(done.reference().root())
                        ? Optional.empty()
                        : Optional.of(done.next().root());
            }
        }
        return found.refused().isEmpty() ? Optional.empty() : Optional.of(new Finding(done.origin(), found.refused()));
    }

    private void fail(String why, Instant now) {
        problem = Optional.of(why);
        wantsLook = true;
        job = Optional.empty();
        notBefore = now.plus(PAUSE);
    }
}
