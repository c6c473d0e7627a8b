package io.lockstep.agent.loop;

import io.lockstep.agent.loop.Candidates.Candidate;
import io.lockstep.digest.Digest;
import io.lockstep.generation.DeletionGuard;
import io.lockstep.generation.HeldBack;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the manager tells of the paths that keep the reference's state. Only the control thread calls the methods. */
final class HeldBackReport {
    private static final Logger LOG = LoggerFactory.getLogger(HeldBackReport.class);

    /** Of what is newly held back, this much is told in the log; the rest is in the status. */
    private static final int MOST_LINES = 20;

    private final DeletionGuard guard;
    private List<HeldBack> paths = List.of();
    private Optional<Digest> root = Optional.empty();

    HeldBackReport(DeletionGuard guard) {
        this.guard = guard;
    }

    /** The paths, with why. */
    List<HeldBack> paths() {
        return paths;
    }

    /** See {@link io.lockstep.cluster.MemberView#heldBackRoot}. */
    Optional<Digest> root() {
        return root;
    }

    /** Takes what the place that leads allows now. */
    void update(Optional<Candidate> authority) {
        root = authority.flatMap(candidate -> candidate.heldBackRoot(guard));
        var found = authority.map(candidate -> candidate.next().heldBack()).orElse(List.of());
        if (found.equals(paths)) {
            return;
        }
        var before = new HashSet<>(paths);
        found.stream()
                .filter(held -> held.why().isLasting() && !before.contains(held))
                .limit(MOST_LINES)
                .forEach(held ->
                        LOG.warn("held back path={} why={} detail=\"{}\"", held.path(), held.why(), held.detail()));
        paths = found;
    }
}
