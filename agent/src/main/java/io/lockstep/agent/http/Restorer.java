package io.lockstep.agent.http;

import io.lockstep.agent.loop.ControlLoop;
import io.lockstep.agent.loop.Staging;
import io.lockstep.agent.loop.Target;
import io.lockstep.agent.loop.TargetOutcome;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.LogEntry;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.Role;
import io.lockstep.digest.Digest;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.PlanChanges;
import io.lockstep.generation.Restoration;
import io.lockstep.wire.RestoreReport;
import io.lockstep.wire.RestoreReport.State;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Works out what a restore of an earlier generation does, and has the manager's loop carry it out. For several threads. */
public final class Restorer {
    private static final Logger LOG = LoggerFactory.getLogger(Restorer.class);
    /** An answer is given after this at the latest; whoever asked asks again. */
    private static final long PATIENCE_SECONDS = 4;
    /** How long a plan waits for its approval. */
    private static final Duration WAITS = Duration.ofHours(1);

    private final ControlLoop loop;
    private final DeletionGuard guard;
    private final Function<Digest, Optional<Manifest>> manifests;
    private final Content content;
    private final InstantSource clock;
    private CompletableFuture<RestoreReport> last = new CompletableFuture<>();
    private Optional<RestoreReport> lastPlan = Optional.empty();

    /** Brings together what a target needs. */
    public interface Content {
        /**
         * Brings into the stage what this node's replica lacks of {@code target}.
         *
         * @param from the generation that some of it comes from
         * @param earlier its manifest
         */
        Staging bring(Manifest target, Generation from, Manifest earlier);
    }

    /** @param manifests of generations, from this node or from a member */
    public Restorer(
            ControlLoop loop,
            DeletionGuard guard,
            Function<Digest, Optional<Manifest>> manifests,
            Content content,
            InstantSource clock) {
        this.loop = loop;
        this.guard = guard;
        this.manifests = manifests;
        this.content = content;
        this.clock = clock;
    }

    /** A plan and what it was made of. */
    private record Plan(
            RestoreReport report,
            Manifest target,
            Manifest reference,
            Optional<DeletionGuard.Excess> excess,
            Target order) {}

    /** What a restore would do. */
    public RestoreReport plan(GenerationId from, Optional<EntryPath> path) {
        return work(from, path).report();
    }

    private Plan work(GenerationId from, Optional<EntryPath> path) {
        var snapshot = loop.snapshot();
        if (snapshot.role() != Role.MANAGER) {
            throw new RefusedException(
                    409, snapshot.node() + " is not the manager", "ask " + snapshot.manager() + " for a restore");
        }
        var views = loop.views();
        var reference = views.reference()
                .orElseThrow(() -> new RefusedException(
                        409, "there is no generation yet", "wait until the manager has committed one"));
        var now = views.manifest().orElseThrow();
        var generation = committed(from);
        var earlier = manifests
                .apply(generation.root())
                .orElseThrow(() -> new RefusedException(
                        410,
                        "no node that is reached keeps the manifest of generation " + from + " any more",
                        "choose a later one: lockstep history; trash.keep and trash.generations say how long they are"
                                + " kept"));
        var restoration = path.map(p -> Restoration.of(now, earlier, p)
                        .orElseThrow(() -> new RefusedException(
                                404,
                                "generation " + from + " has nothing at " + p,
                                "begin with the tree's name, as lockstep diff shows paths")))
                .orElseGet(() -> Restoration.of(now, earlier));
        var target = restoration.manifest();
        var excess = guard.check(now, target);
        var changes = PlanChanges.between(now, target);
        var report = RestoreReport.planned(
                from, path, reference.id(), target.root(), changes, changes.counts(now), excess.map(Restorer::words));
        var order = new Target(
                Optional.of(reference.root()),
                target,
                Reason.OPERATOR,
                () -> content.bring(target, generation, earlier));
        return new Plan(report, target, now, excess, order);
    }

    private static String words(DeletionGuard.Excess excess) {
        return "it deletes " + excess.deletions() + " of " + excess.before() + " files of tree " + excess.tree()
                + excess.kind().map(kind -> ", and all its " + kind).orElse("");
    }

    private Generation committed(GenerationId id) {
        return loop.log().entriesAfter(0, Integer.MAX_VALUE).stream()
                .filter(LogEntry.Commit.class::isInstance)
                .map(entry -> ((LogEntry.Commit) entry).generation())
                .filter(generation -> generation.id().equals(id))
                .findFirst()
                .orElseThrow(() ->
                        new RefusedException(404, "there is no generation " + id, "choose one of lockstep history"));
    }

    /**
     * Carries a restore out.
     *
     * @param approved the digest of a plan that may delete more than the guard allows
     */
    public RestoreReport start(GenerationId from, Optional<EntryPath> path, Optional<Digest> approved)
            throws InterruptedException {
        var plan = work(from, path);
        var root = plan.target().root();
        if (approved.isPresent() && !approved.get().equals(root)) {
            throw new RefusedException(
                    409, "the plan is another one now: " + root, "look at it again: lockstep restore --dry-run");
        }
        if (root.equals(plan.reference().root())) {
            return plan.report().in(State.NOTHING_TO_DO);
        }
        if (plan.excess().isPresent() && approved.isEmpty()) {
            hold(plan);
            return plan.report().held(root.abbreviated());
        }
        LOG.info(
                "restore generation={} path={} plan={}",
                from,
                path.map(String::valueOf).orElse(""),
                root);
        var answer = loop.order(plan.order()).handle((outcome, failure) -> report(plan, outcome, failure));
        synchronized (this) {
            last = answer;
            lastPlan = Optional.of(plan.report());
        }
        return report();
    }

    private void hold(Plan plan) {
        var report = plan.report();
        var changes = PlanChanges.between(plan.reference(), plan.target());
        var listed = report.deleted();
        var hold = new Hold(
                report.planDigest().abbreviated(),
                Reason.DELETION_GUARD,
                report.planDigest(),
                "the restore of generation " + report.from()
                        + report.path().map(path -> ", path " + path + ",").orElse("") + " waits: "
                        + report.guard().orElse(""),
                listed,
                changes.deleted().size(),
                clock.instant(),
                plan.excess().orElseThrow().tree(),
                report.counts(),
                Optional.empty(),
                Optional.of(clock.instant().plus(WAITS)));
        loop.hold(hold, plan.order());
    }

    /** How the last restore stands. */
    public RestoreReport report() throws InterruptedException {
        CompletableFuture<RestoreReport> asked;
        RestoreReport plan;
        synchronized (this) {
            plan = lastPlan.orElseThrow(
                    () -> new RefusedException(404, "no restore was started on this node", "start one"));
            asked = last;
        }
        try {
            return asked.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return plan.in(State.RUNNING);
        } catch (ExecutionException e) {
            throw new IllegalStateException("every outcome is a report", e);
        }
    }

    private static RestoreReport report(Plan plan, TargetOutcome outcome, Throwable failure) {
        if (failure != null) {
            return plan.report().refused("the agent could not carry it out: " + failure.getMessage(), List.of());
        }
        if (outcome instanceof TargetOutcome.Committed committed) {
            return plan.report().committed(committed.generation().id());
        }
        if (outcome instanceof TargetOutcome.ContentMissing missing) {
            var files = missing.staging().missing();
            return plan.report()
                    .refused(
                            missing.staging().problem().orElse("content is missing"),
                            files.stream().map(ManifestEntry::path).toList());
        }
        var refused = (TargetOutcome.Refused) outcome;
        return plan.report().refused(refused.why() + ": " + refused.remedy(), List.of());
    }
}
