package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.Hold;
import io.lockstep.digest.Finding;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.View;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The two latest looks at one place, and when the next is due. Only the control thread calls the methods.
 *
 * <p>The interval stretches when scans take long: they never take more than the configured share of the time, twice
 * that when somebody asked for a look.
 */
final class LookHistory {
    /** One look: what was seen, when it began, how long it took. */
    record Look(View view, Instant at, Duration took) {}

    private final Duration settle;
    private final double maxShareOfTime;
    private Map<String, Inventory> inventories = Map.of();
    private Optional<Look> older = Optional.empty();
    private Optional<Look> newer = Optional.empty();
    private Instant lastEnd = Instant.MIN;
    private boolean wanted = true;
    private List<EntryPath> reported = List.of();

    LookHistory(Duration settle, double maxShareOfTime) {
        this.settle = settle;
        this.maxShareOfTime = maxShareOfTime;
    }

    Map<String, Inventory> inventories() {
        return inventories;
    }

    Optional<Look> older() {
        return older;
    }

    Optional<Look> newer() {
        return newer;
    }

    /** Takes a finished look. */
    void accept(Map<String, Inventory> found, Instant startedAt, Instant endedAt) {
        var previous = newer.map(Look::view);
        boolean same = previous.isPresent() && sameFindings(found);
        var view = same ? previous.get() : View.of(found, previous.orElse(View.empty()));
        if (!same) {
            reported = reportedIn(found);
        }
        inventories = found;
        older = newer;
        newer = Optional.of(new Look(view, startedAt, Duration.between(startedAt, endedAt)));
        lastEnd = endedAt;
        wanted = false;
    }

    private static List<EntryPath> reportedIn(Map<String, Inventory> found) {
        var paths = new ArrayList<EntryPath>();
        found.forEach((tree, inventory) -> {
            var root = EntryPath.of(tree);
            for (var finding : inventory.findings()) {
                if (finding instanceof Finding.Reported) {
                    paths.add(root.resolve(finding.path()));
                }
            }
        });
        paths.sort(null);
        return List.copyOf(paths.subList(0, Math.min(paths.size(), Hold.MAX_PATHS)));
    }

    /** The paths that the filter leaves out and people are told of, at most {@link Hold#MAX_PATHS}, sorted. */
    List<EntryPath> reported() {
        return reported;
    }

    /** A scan without a change gives the very list of findings again. */
    private boolean sameFindings(Map<String, Inventory> found) {
        return found.keySet().equals(inventories.keySet())
                && found.entrySet().stream().allMatch(tree -> {
                    var before = inventories.get(tree.getKey());
                    return before != null
                            && before.findings() == tree.getValue().findings();
                });
    }

    /** Forgets what was seen, but not the digests: the place went away, and its next look starts a new history. */
    void forget() {
        older = Optional.empty();
        newer = Optional.empty();
        wanted = true;
    }

    /** A look that failed counts for the pace. */
    void failed(Instant endedAt) {
        lastEnd = endedAt;
    }

    /** Asks for a look as soon as the pace allows. */
    void want() {
        wanted = true;
    }

    /** When the next look is due, given the regular interval. */
    Instant dueAt(Duration interval) {
        if (lastEnd.equals(Instant.MIN)) {
            return Instant.MIN;
        }
        var took = newer.map(Look::took).orElse(Duration.ZERO);
        return wanted
                ? lastEnd.plus(max(settle, stretched(took, Math.min(1.0, 2 * maxShareOfTime))))
                : lastEnd.plus(max(interval, stretched(took, maxShareOfTime)));
    }

    private static Duration stretched(Duration took, double share) {
        return Duration.ofNanos((long) (took.toNanos() / share)).minus(took);
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    /** Whether the two latest looks saw the same. */
    boolean isSettled() {
        return older.isPresent()
                && newer.isPresent()
                && older.get().view().equals(newer.get().view());
    }
}
