package io.lockstep.agent.loop;

import io.lockstep.cluster.Hold;
import io.lockstep.digest.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Orders of an operator that delete more than the guard allows and were given without an approval: each waits for one,
 * for an hour, and as long as the reference is the one that it was worked out from. Only the manager's control thread
 * calls the methods.
 */
final class HeldOrders {
    private static final Logger LOG = LoggerFactory.getLogger(HeldOrders.class);
    /** How many orders wait at once; the oldest gives way. */
    private static final int LIMIT = 8;

    private final List<Waiting> waiting = new ArrayList<>();

    private record Waiting(Hold hold, Target target) {}

    /** Takes an order; the same plan again waits anew. */
    void add(Hold hold, Target target) {
        take(hold.id());
        if (waiting.size() == LIMIT) {
            waiting.remove(0);
        }
        waiting.add(new Waiting(hold, target));
        LOG.warn("hold id={} reason={} text=\"{}\"", hold.id(), hold.reason(), hold.text());
    }

    /** Drops what has waited too long, or was worked out from another reference. */
    void turn(Optional<Digest> reference, Instant now) {
        waiting.removeIf(it -> {
            boolean isOver = !reference.equals(it.target().parent())
                    || it.hold().lapsesAt().filter(end -> !now.isBefore(end)).isPresent();
            if (isOver) {
                LOG.info("hold id={} is over", it.hold().id());
            }
            return isOver;
        });
    }

    List<Hold> holds() {
        return waiting.stream().map(Waiting::hold).toList();
    }

    /** Takes an order out, to be carried out or dropped. */
    Optional<Target> take(String id) {
        var found = waiting.stream().filter(it -> it.hold().id().equals(id)).findFirst();
        found.ifPresent(waiting::remove);
        return found.map(Waiting::target);
    }
}
