package io.lockstep.agent.loop;

import io.lockstep.cluster.LogEntry;
import io.lockstep.cluster.MemberView;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.RefusedEntryException;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.health.AgentSnapshot.PeerState;
import io.lockstep.wire.LogRecord;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a worker's decision log up to the manager's: fetches the entries it lacks and the manifest of the last
 * generation among them, and takes over both together.
 */
final class LogFollower {
    private static final Logger LOG = LoggerFactory.getLogger(LogFollower.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** Nobody waits for the base, unless its manager falls out. */
    private static final Duration BASE_PAUSE = Duration.ofSeconds(30);
    /** A message may be older than the log that this node has since fetched, and arrive later; not by more than this. */
    private static final Duration LATE_MESSAGE = Duration.ofSeconds(10);

    private final Peers peers;
    private final NodeName manager;
    private final Ledger ledger;
    private final Background<Fetched> fetching;
    private final Background<Optional<Manifest>> fetchingBase;
    private Instant notBefore = Instant.MIN;
    private Instant baseNotBefore = Instant.MIN;
    private Optional<String> problem = Optional.empty();
    private boolean hasDiverged;
    private boolean isAhead;
    private Instant grewAt = Instant.EPOCH;

    /** What the manager sent, or why it did not. */
    private record Fetched(List<LogEntry> entries, Optional<Manifest> manifest, Optional<String> problem) {}

    LogFollower(Peers peers, NodeName manager, Ledger ledger, Executor executor, Runnable wake) {
        this.peers = peers;
        this.manager = manager;
        this.ledger = ledger;
        fetching = new Background<>(executor, wake);
        fetchingBase = new Background<>(executor, wake);
    }

    /** Why the log is not the manager's; empty when it is, or soon will be. */
    Optional<String> problem() {
        return problem;
    }

    /** Whether the manager's log does not follow from this node's: no time mends that, a person has to. */
    boolean hasDiverged() {
        return hasDiverged;
    }

    /**
     * Collects what arrived, and fetches what the manager has more.
     *
     * @param manager what the manager said last, while it is reached
     * @param known manifests at hand, one of which may be the wanted one already
     * @return whether the log grew
     */
    boolean turn(Optional<PeerState> manager, List<Manifest> known, Instant now) throws IOException {
        boolean grew = false;
        var arrived = fetching.collect();
        if (arrived.isPresent()) {
            grew = take(arrived.get(), now);
        }
        fetchBase(manager.isPresent(), known, now);
        long have = ledger.decided().index();
        long theirs = manager.flatMap(PeerState::view).map(MemberView::logIndex).orElse(0L);
        if (theirs > have && !fetching.isRunning() && !now.isBefore(notBefore)) {
            fetching.start(() -> fetch(have, known));
        }
        if (theirs > 0) {
            compare(theirs, have, manager.flatMap(PeerState::heardAt).orElse(Instant.EPOCH));
        }
        return grew;
    }

    /** What this node would need to merge a share that comes back, were it the manager then. */
    private void fetchBase(boolean isManagerReached, List<Manifest> known, Instant now) throws IOException {
        var arrived = fetchingBase.collect();
        if (arrived.isPresent() && arrived.get().isPresent()) {
            ledger.keepBase(arrived.get().get());
        } else if (arrived.isPresent()) {
            baseNotBefore = now.plus(BASE_PAUSE);
        }
        var missing = isManagerReached && !fetchingBase.isRunning() && !now.isBefore(baseNotBefore)
                ? ledger.missingBase()
                : Optional.<Digest>empty();
        missing.ifPresent(root -> fetchingBase.start(() -> {
            try {
                return Optional.of(manifest(root, known));
            } catch (PeerException e) {
                LOG.warn("the base is not fetched yet: {}", e.getMessage());
                return Optional.empty();
            }
        }));
    }

    /** A manager that has less than its worker has lost its log, or was given another one. */
    private void compare(long theirs, long have, Instant heardAt) {
        if (theirs < have && Duration.between(grewAt, heardAt).compareTo(LATE_MESSAGE) > 0) {
            isAhead = true;
            diverged("the manager's log ends at " + theirs + ", this node's at " + have);
        } else if (theirs >= have && isAhead) {
            isAhead = false;
            hasDiverged = false;
            problem = Optional.empty();
        }
    }

    private Fetched fetch(long have, List<Manifest> known) {
        try {
            var entries = peers.log(manager, have).records().stream()
                    .map(LogRecord::toEntry)
                    .toList();
            var last = lastGeneration(entries);
            return new Fetched(
                    entries,
                    last.isPresent() ? Optional.of(manifest(last.get().root(), known)) : Optional.empty(),
                    Optional.empty());
        } catch (PeerException | IllegalArgumentException e) {
            return new Fetched(List.of(), Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
        }
    }

    private static Optional<Generation> lastGeneration(List<LogEntry> entries) {
        Optional<Generation> last = Optional.empty();
        for (var entry : entries) {
            if (entry instanceof LogEntry.Commit commit) {
                last = Optional.of(commit.generation());
            }
        }
        return last;
    }

    private Manifest manifest(Digest root, List<Manifest> known) throws PeerException {
        for (var manifest : known) {
            if (manifest.root().equals(root)) {
                return manifest;
            }
        }
        return peers.manifest(manager, root, known.isEmpty() ? Manifest.empty() : known.get(0));
    }

    private boolean take(Fetched fetched, Instant now) throws IOException {
        if (fetched.problem().isPresent()) {
            report(fetched.problem().get());
            notBefore = now.plus(PAUSE);
            return false;
        }
        try {
            ledger.follow(fetched.entries(), fetched.manifest());
            problem = Optional.empty();
            hasDiverged = false;
            grewAt = now;
            return !fetched.entries().isEmpty();
        } catch (RefusedEntryException e) {
            diverged(String.valueOf(e.getMessage()));
            notBefore = now.plus(PAUSE);
            return false;
        }
    }

    private void report(String why) {
        if (!problem.equals(Optional.of(why))) {
            LOG.warn("log is not followed: {}", why);
        }
        problem = Optional.of(why);
    }

    private void diverged(String why) {
        if (!hasDiverged) {
            LOG.error("log reason={} detail=\"{}\"", Reason.LOG_DIVERGED, why);
        }
        hasDiverged = true;
        problem = Optional.of(why);
    }
}
