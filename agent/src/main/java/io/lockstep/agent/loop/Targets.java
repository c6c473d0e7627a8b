package io.lockstep.agent.loop;

import io.lockstep.cluster.MountEvidence;
import io.lockstep.generation.Generation;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out an operator's {@link Target}: brings its content into the stage and commits it. One at a time. Only the
 * manager's control thread calls the methods.
 */
final class Targets {
    private static final Logger LOG = LoggerFactory.getLogger(Targets.class);

    private final LoopSettings settings;
    private final Ledger ledger;
    private final Commits commits;
    private final Background<Staging> bringing;
    private Optional<Order> order = Optional.empty();

    /** What is being carried out, and who waits for it. */
    private record Order(Target target, CompletableFuture<TargetOutcome> answer) {}

    Targets(LoopSettings settings, Ledger ledger, Commits commits, Executor onPeers, Runnable wake) {
        this.settings = settings;
        this.ledger = ledger;
        this.commits = commits;
        bringing = new Background<>(onPeers, wake);
    }

    /** Whether the stage holds, or is about to hold, content of a target. */
    boolean isBusy() {
        return order.isPresent();
    }

    /** Takes an order; the answer is there when it is committed, or can't be. */
    CompletableFuture<TargetOutcome> order(Target target) {
        var refused = refusal(target);
        if (refused.isPresent()) {
            return CompletableFuture.completedFuture(refused.get());
        }
        order = Optional.of(new Order(target, new CompletableFuture<>()));
        return order.get().answer();
    }

    private Optional<TargetOutcome> refusal(Target target) {
        if (!settings.isManager()) {
            return refused(settings.node() + " is not the manager", "ask " + settings.manager());
        }
        if (order.isPresent()) {
            return refused("another order is being carried out", "wait for it, and try again");
        }
        return outdated(target);
    }

    private Optional<TargetOutcome> outdated(Target target) {
        var root = ledger.decided().reference().map(Generation::root);
        if (!root.equals(target.parent())) {
            return refused("the reference has changed meanwhile", "look at it, and try again");
        }
        return root.equals(Optional.of(target.manifest().root()))
                ? refused("the reference is that already", "nothing")
                : Optional.empty();
    }

    private static Optional<TargetOutcome> refused(String why, String remedy) {
        return Optional.of(new TargetOutcome.Refused(why, remedy));
    }

    /**
     * Goes on with what was ordered.
     *
     * @param stageIsBusy whether the stage is being used or cleared by others
     * @param share what is known of the share
     * @throws IOException when the log can't be written; the order is answered with it
     */
    void turn(MountEvidence share, boolean stageIsBusy, Instant now) throws IOException {
        if (order.isEmpty()) {
            return;
        }
        var doing = order.get();
        Optional<Staging> staged;
        try {
            staged = bringing.collect();
        } catch (CompletionException e) {
            LOG.error("the content of a target could not be brought", e);
            answer(new TargetOutcome.Refused(
                    "its content could not be brought: " + e.getCause(), "see the agent's log"));
            return;
        }
        if (staged.isPresent()) {
            finish(doing, staged.get(), share, now);
        } else if (!bringing.isRunning() && !stageIsBusy) {
            bringing.start(doing.target().content());
        }
    }

    private void finish(Order doing, Staging staged, MountEvidence share, Instant now) throws IOException {
        var target = doing.target();
        var outdated = outdated(target);
        if (outdated.isPresent()) {
            answer(outdated.get());
        } else if (!staged.isComplete()) {
            answer(new TargetOutcome.ContentMissing(staged));
        } else {
            try {
                answer(new TargetOutcome.Committed(commits.target(target.manifest(), target.reason(), share, now)));
            } catch (IOException e) {
                order = Optional.empty();
                doing.answer().completeExceptionally(e);
                throw e;
            }
        }
    }

    private void answer(TargetOutcome outcome) {
        var done = order.orElseThrow();
        order = Optional.empty();
        done.answer().complete(outcome);
    }
}
