package io.lockstep.agent.loop;

import io.lockstep.cluster.Hold;
import io.lockstep.cluster.Mode;
import io.lockstep.generation.Generation;
import io.lockstep.wire.ConflictReport;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What operators order the manager, and what waits for their word. Only the manager's control thread calls the methods. */
final class OperatorOrders {
    private static final Logger LOG = LoggerFactory.getLogger(OperatorOrders.class);

    private final Ledger ledger;
    private final Conflicts conflicts;
    private final HeldPlan heldPlan;
    private final Commits commits;
    private final Targets targets;
    private final HeldOrders heldOrders = new HeldOrders();

    OperatorOrders(Ledger ledger, Conflicts conflicts, HeldPlan heldPlan, Commits commits, Targets targets) {
        this.ledger = ledger;
        this.conflicts = conflicts;
        this.heldPlan = heldPlan;
        this.commits = commits;
        this.targets = targets;
    }

    List<Hold> holds() {
        var holds = new ArrayList<>(heldPlan.holds());
        holds.addAll(heldOrders.holds());
        return holds;
    }

    /** Lets orders lapse that nobody approved in time, or that another generation came before. */
    void turn(Instant now) {
        heldOrders.turn(ledger.decided().reference().map(Generation::root), now);
    }

    /** Makes what an operator ordered the next generation, though no tree shows it: see {@link Targets}. */
    CompletableFuture<TargetOutcome> order(Target target) {
        return targets.order(target);
    }

    /** Makes the content of a conflict live: see {@link ConflictTaking}. */
    CompletableFuture<TargetOutcome> take(ConflictReport.Conflict conflict) {
        return ConflictTaking.target(conflict, ledger, conflicts)
                .map(targets::order)
                .orElseGet(() -> CompletableFuture.completedFuture(ConflictTaking.REFUSED));
    }

    /** Has an order wait for an approval: see {@link HeldOrders}. */
    void hold(Hold hold, Target target) {
        heldOrders.add(hold, target);
    }

    /** Lets a plan that is held under {@code id} go on; false when there is none. See {@link HeldPlan#approve}. */
    boolean approve(String id, Instant now) {
        var order = heldOrders.take(id);
        if (order.isEmpty()) {
            return heldPlan.approve(id, now);
        }
        var unused = targets.order(order.get()).whenComplete(OperatorOrders::tell);
        return true;
    }

    /** Nobody waits for the outcome of an order that was approved later. */
    private static void tell(@Nullable TargetOutcome outcome, @Nullable Throwable failure) {
        if (!(outcome instanceof TargetOutcome.Committed)) {
            LOG.error("an approved order was not carried out: {}", outcome == null ? failure : outcome);
        }
    }

    /**
     * Puts back what the plan that is held under {@code id} would delete; false when no such plan can be rejected. On the
     * share the missing files are written again; the manager's replica is brought to the reference as a worker's is. What
     * a share that came back lacks is no deletion any more, and the merge goes on without.
     *
     * @throws IOException when the disk refuses
     */
    boolean reject(String id, Instant now) throws IOException {
        if (heldOrders.take(id).isPresent()) {
            return true;
        }
        if (!heldPlan.reject(id)) {
            return false;
        }
        if (heldPlan.isOfMerge()) {
            commits.putBack(now);
        } else if (ledger.decided().mode() != Mode.HOLD) {
            ledger.refuseReplica();
        }
        return true;
    }
}
