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
 * The latest looks at one place, the two that are held against each other, and when the next is due. Only the control
 * thread calls the methods.
 *
 * <p>What two looks that are a distance apart saw alike has settled. Looks in between, which news asks for, do not make
 * it settle sooner or later: the newest is held against the latest one that is far enough back.
 *
 * <p>The interval stretches when scans take long: they never take more than the configured share of the time, twice
 * that when somebody asked for a look.
 */
final class LookHistory {
    /** One look: what was seen, when it began, how long it took. */
    record Look(View view, Instant at, Duration took) {}

    /** Looks come no closer than this part of the distance, which bounds how many are kept. */
    private static final int MOST_IN_DISTANCE = 16;

    private final Duration pace;
    private final Duration distance;
    private final double maxShareOfTime;
    private Map<String, Inventory> inventories = Map.of();
    /** The looks before the newest, oldest first: the first may be far enough back, the others are not. */
    private final List<Look> earlier = new ArrayList<>();

    private Optional<Look> newer = Optional.empty();
    private Instant lastEnd = Instant.MIN;
    private boolean wanted = true;
    private boolean confirming;
    private List<EntryPath> reported = List.of();

    /**
     * @param pace the least time between two looks
     * @param distance the least time between two looks of which each must see the same
     */
    LookHistory(Duration pace, Duration distance, double maxShareOfTime) {
        this.pace = max(pace, distance.dividedBy(MOST_IN_DISTANCE));
        this.distance = distance;
        this.maxShareOfTime = maxShareOfTime;
    }

    Map<String, Inventory> inventories() {
        return inventories;
    }

    /** The latest look that is far enough before the newest. */
    Optional<Look> older() {
        return earlier.stream().findFirst().filter(this::isFarEnough);
    }

    /** The latest look before the newest, however close. */
    Optional<Look> previous() {
        return earlier.isEmpty() ? Optional.empty() : Optional.of(earlier.get(earlier.size() - 1));
    }

    private boolean isFarEnough(Look look) {
        return newer.isPresent() && !newer.get().at().isBefore(endOf(look).plus(distance));
    }

    private static Instant endOf(Look look) {
        return look.at().plus(look.took());
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
        newer.ifPresent(earlier::add);
        newer = Optional.of(new Look(view, startedAt, Duration.between(startedAt, endedAt)));
        while (earlier.size() > 1 && isFarEnough(earlier.get(1))) {
            earlier.remove(0);
        }
        lastEnd = endedAt;
        wanted = false;
        confirming = false;
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
        earlier.clear();
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

    /** Asks for the look that tells whether what the newest saw has settled. */
    void confirm() {
        confirming = true;
    }

    /** When the next look is due, given the regular interval. */
    Instant dueAt(Duration interval) {
        if (lastEnd.equals(Instant.MIN)) {
            return Instant.MIN;
        }
        var took = newer.map(Look::took).orElse(Duration.ZERO);
        var soonest = lastEnd.plus(max(pace, stretched(took, Math.min(1.0, 2 * maxShareOfTime))));
        if (wanted) {
            return soonest;
        }
        var regular = lastEnd.plus(max(max(interval, pace), stretched(took, maxShareOfTime)));
        if (!confirming || newer.isEmpty()) {
            return regular;
        }
        var confirmable = confirmableAt().isBefore(soonest) ? soonest : confirmableAt();
        return confirmable.isBefore(regular) ? confirmable : regular;
    }

    /** When a look can tell that what the newest saw has settled; a distance from now when it has. */
    private Instant confirmableAt() {
        var first = newer.orElseThrow();
        if (isSettled()) {
            return endOf(first).plus(distance);
        }
        for (int i = earlier.size() - 1; i >= 0 && earlier.get(i).view().equals(first.view()); i--) {
            first = earlier.get(i);
        }
        return endOf(first).plus(distance);
    }

    private static Duration stretched(Duration took, double share) {
        return Duration.ofNanos((long) (took.toNanos() / share)).minus(took);
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    /** Whether the two looks that are held against each other saw the same. */
    boolean isSettled() {
        var older = older();
        return older.isPresent()
                && newer.isPresent()
                && older.get().view().equals(newer.get().view());
    }
}
