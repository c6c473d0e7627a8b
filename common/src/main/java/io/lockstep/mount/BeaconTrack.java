package io.lockstep.mount;

import io.lockstep.cluster.AnnouncedBeacon;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one member announced of its beacon, and what this node saw of it on its own mount. Immutable. Both times are of
 * this node's clock: when it heard, and when it looked.
 *
 * @param unseen what was announced and has not been seen yet, the oldest first; at most {@value #MAX_UNSEEN}
 * @param isAnnouncing whether the member is reached and has announced a beacon last: it has a share of its own
 * @param last what the last look came to
 * @param lookedAt when that look began
 * @param seen the last beacon that was seen in the directory that is there now
 * @param hasMoved whether its beacon was seen to move on there
 * @param wasMet whether a beacon that it had announced was ever seen there
 */
public record BeaconTrack(
        NodeName peer,
        List<Heard> unseen,
        boolean isAnnouncing,
        Sight<Beacon> last,
        Instant lookedAt,
        Optional<Beacon> seen,
        boolean hasMoved,
        boolean wasMet) {
    /** The most announcements that are waited for; with more, the newest take each other's place. */
    public static final int MAX_UNSEEN = 256;

    /** An announcement. */
    public record Heard(AnnouncedBeacon beacon, Instant at) {}

    /** How a member's beacon stands. */
    public enum Standing {
        /** It is seen, or there is ample time left for it. */
        SEEN,
        /** It is not seen, and the time for it runs. */
        OPEN,
        /** It is not seen. */
        UNSEEN
    }

    public BeaconTrack {
        unseen = List.copyOf(unseen);
    }

    /** Of a member that has not been heard yet. */
    public static BeaconTrack of(NodeName peer) {
        return new BeaconTrack(
                peer, List.of(), false, new Sight.NotTried<>(), Instant.MIN, Optional.empty(), false, false);
    }

    /** The member announced this. */
    public BeaconTrack heard(AnnouncedBeacon beacon, Instant now) {
        if (isSeen(beacon)) {
            return new BeaconTrack(peer, List.of(), true, last, lookedAt, seen, hasMoved, true);
        }
        var next = new ArrayList<>(unseen);
        // An agent that was started again says nothing of what it wrote before.
        next.removeIf(heard -> heard.beacon().incarnation() != beacon.incarnation());
        boolean isNews = next.isEmpty() || next.get(next.size() - 1).beacon().seq() < beacon.seq();
        if (isNews) {
            if (next.size() == MAX_UNSEEN) {
                next.remove(MAX_UNSEEN - 1);
            }
            next.add(new Heard(beacon, now));
        }
        return with(next, true);
    }

    /** The member has no share of its own now, so there is nothing of it to see. */
    public BeaconTrack withdrawn() {
        return with(List.of(), false);
    }

    /** The member is out of reach: it is not counted, and what it announced is still to be seen when it is back. */
    public BeaconTrack unreachable() {
        return with(unseen, false);
    }

    /** A look at the member's beacon, which began at {@code startedAt}. */
    public BeaconTrack looked(Sight<Beacon> sight, Instant startedAt) {
        if (!(sight instanceof Sight.Seen<Beacon> found)) {
            return new BeaconTrack(peer, unseen, isAnnouncing, sight, startedAt, seen, hasMoved, wasMet);
        }
        var beacon = found.value();
        boolean moved = seen.filter(
                        before -> before.incarnation() == beacon.incarnation() && before.seq() < beacon.seq())
                .isPresent();
        var rest =
                unseen.stream().filter(heard -> !covers(beacon, heard.beacon())).toList();
        boolean met = wasMet || rest.size() < unseen.size();
        return new BeaconTrack(peer, rest, isAnnouncing, sight, startedAt, Optional.of(beacon), hasMoved || moved, met);
    }

    /** Another directory is there than at the last look: what was seen in that one says nothing of this one. */
    public BeaconTrack elsewhere() {
        return new BeaconTrack(peer, unseen, isAnnouncing, last, lookedAt, Optional.empty(), false, false);
    }

    private BeaconTrack with(List<Heard> waiting, boolean announcing) {
        return new BeaconTrack(peer, waiting, announcing, last, lookedAt, seen, hasMoved, wasMet);
    }

    private boolean isSeen(AnnouncedBeacon beacon) {
        return seen.filter(found -> covers(found, beacon)).isPresent();
    }

    private static boolean covers(Beacon found, AnnouncedBeacon announced) {
        return found.incarnation() == announced.incarnation() && found.seq() >= announced.seq();
    }

    /** For how long an announced beacon has not been seen; zero when all were, or the member is not counted. */
    public Duration lag(Instant now) {
        return isAnnouncing ? waited(now) : Duration.ZERO;
    }

    private Duration waited(Instant until) {
        if (unseen.isEmpty() || until.isBefore(unseen.get(0).at())) {
            return Duration.ZERO;
        }
        return Duration.between(unseen.get(0).at(), until);
    }

    /**
     * How it stands, as of the last look.
     *
     * @param patience how long a beacon may take from its announcement until it is seen
     */
    public Standing standing(Duration patience) {
        if (unseen.isEmpty()) {
            return Standing.SEEN;
        }
        if (isRefused()) {
            return Standing.UNSEEN;
        }
        // A look that began before the announcement can't be blamed for not showing it.
        var waited = waited(lookedAt);
        if (waited.compareTo(patience) > 0) {
            return Standing.UNSEEN;
        }
        // A copy of the share has beacons too, but none that was announced since it is here.
        return wasMet && waited.compareTo(patience.dividedBy(2)) <= 0 ? Standing.SEEN : Standing.OPEN;
    }

    private boolean isRefused() {
        return last instanceof Sight.Refused<Beacon> refused && !isNoBeacon(refused);
    }

    /** Bytes that are no beacon are one that is being written just now, or a damaged one. */
    private static boolean isNoBeacon(Sight.Refused<Beacon> refused) {
        return refused.error().equals("EBADMSG");
    }

    /** What it means that it is not seen. */
    Reason reason() {
        if (last instanceof Sight.Refused<Beacon> refused) {
            return ErrnoRule.reason(refused.error());
        }
        boolean isThere = last instanceof Sight.Seen<Beacon>;
        boolean isOfThisAgent = !unseen.isEmpty()
                && seen.filter(found ->
                                found.incarnation() == unseen.get(0).beacon().incarnation())
                        .isPresent();
        return isThere && isOfThisAgent && hasMoved ? Reason.STALE_VIEW : Reason.WRONG_EXPORT;
    }

    /** What was seen instead, for people. */
    String text() {
        if (last instanceof Sight.Refused<Beacon> refused) {
            return peer + " (" + refused.operation() + ": " + refused.error() + ")";
        }
        if (unseen.isEmpty() || !(last instanceof Sight.Seen<Beacon>) || seen.isEmpty()) {
            return peer + " (absent)";
        }
        var announced = unseen.get(0).beacon();
        return seen.get().incarnation() == announced.incarnation()
                ? peer + " (at " + seen.get().seq() + ", announced " + announced.seq() + ")"
                : peer + " (of another run of its agent)";
    }
}
