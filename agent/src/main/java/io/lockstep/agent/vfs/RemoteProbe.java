package io.lockstep.agent.vfs;

import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.cluster.NodeName;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Marker;
import io.lockstep.mount.Sight;
import io.lockstep.mount.TreeSight;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Looks at a share again and again: its directory, its marker, and the beacons. One connection, kept between looks; for
 * one thread at a time.
 */
public final class RemoteProbe implements AutoCloseable {
    /**
     * How many other members' beacons one look reads, each of which costs five requests. Where there are more members,
     * they take turns, and one that was not read is as it was last seen.
     */
    static final int MOST_BEACONS = 16;

    private final RemoteSettings settings;
    private final RemoteDot dot;
    private final RemoteConnection connection;
    private final RemotePlace place;
    private final Map<NodeName, Sight<Beacon>> lastSeen = new HashMap<>();
    private int next;

    /** Connects to nothing yet. */
    public RemoteProbe(RemoteSettings settings, RemoteDot dot, InstantSource clock, RemoteWatch watch) {
        this(settings, dot, new RemoteConnection(settings, clock, watch));
    }

    RemoteProbe(RemoteSettings settings, RemoteDot dot, RemoteConnection connection) {
        this.settings = settings;
        this.dot = dot;
        this.connection = connection;
        place = new RemotePlace(connection);
    }

    /** Looks at the directory and its marker, and leaves the beacons alone. */
    public TreeSight glance() {
        return probe(Optional.empty(), List.of());
    }

    /** Looks at everything, writes {@code beacon}, reads it back, and reads the members'. */
    public TreeSight probe(Beacon beacon, List<NodeName> peers) {
        return probe(Optional.of(beacon), peers);
    }

    private TreeSight probe(Optional<Beacon> beacon, List<NodeName> peers) {
        try {
            return look(beacon, peers);
        } catch (RemoteFailure e) {
            // The server as a whole refuses, or is not there: nothing else could be tried.
            return new TreeSight(
                    settings.tree(),
                    new Sight.Refused<>(e.detail(), e.symbol()),
                    new Sight.NotTried<>(),
                    new Sight.NotTried<>(),
                    Map.of());
        }
    }

    /** @throws RemoteFailure when the server as a whole can't be asked */
    private TreeSight look(Optional<Beacon> beacon, List<NodeName> peers) throws RemoteFailure {
        Sight<String> directory = directory();
        if (!(directory instanceof Sight.Seen<String>)) {
            return new TreeSight(settings.tree(), directory, new Sight.NotTried<>(), new Sight.NotTried<>(), Map.of());
        }
        var marker = marker();
        if (!(marker instanceof Sight.Seen<Marker>)) {
            return new TreeSight(settings.tree(), directory, marker, new Sight.NotTried<>(), Map.of());
        }
        Sight<Beacon> written = beacon.isPresent() ? write(beacon.get()) : new Sight.NotTried<>();
        return new TreeSight(settings.tree(), directory, marker, written, peers.isEmpty() ? Map.of() : read(peers));
    }

    /** A server tells no number of a directory, so that its address has to do; the marker tells one from another. */
    private Sight<String> directory() throws RemoteFailure {
        try {
            var type = place.begin().type();
            // The directory itself may be behind a link; nothing in it is.
            return type == EntryType.DIRECTORY || type == EntryType.SYMLINK
                    ? new Sight.Seen<>(settings.uri().toString())
                    : new Sight.Refused<>("open", "ENOTDIR");
        } catch (RemoteFailure e) {
            return sight(e, "stat");
        }
    }

    private Sight<Marker> marker() throws RemoteFailure {
        try {
            var text = text(dot.marker(), dot.maxMarkerBytes());
            var marker = dot.parse().apply(text);
            return marker.isPresent() ? new Sight.Seen<>(marker.get()) : new Sight.Refused<>("read", "EBADMSG");
        } catch (RemoteFailure e) {
            return sight(e, "read");
        }
    }

    private Sight<Beacon> write(Beacon beacon) throws RemoteFailure {
        var file = beaconOf(beacon.node());
        try {
            place.needDirectory(dot.beacons());
            boolean replaces = place.canReplace();
            // A reader never sees half a beacon where the server can replace a file in one step.
            var target = replaces ? EntryPath.of(file + ".new") : file;
            RemoteContent.write(place, target, beacon.text().getBytes(StandardCharsets.US_ASCII));
            if (replaces) {
                place.rename(target, file);
            }
        } catch (RemoteFailure e) {
            return sight(e, "write");
        }
        return readBeacon(beacon.node());
    }

    private Map<NodeName, Sight<Beacon>> read(List<NodeName> peers) throws RemoteFailure {
        lastSeen.keySet().retainAll(peers);
        for (int i = 0; i < Math.min(MOST_BEACONS, peers.size()); i++) {
            var peer = peers.get((next + i) % peers.size());
            lastSeen.put(peer, readBeacon(peer));
        }
        next = (next + MOST_BEACONS) % peers.size();
        var seen = new TreeMap<NodeName, Sight<Beacon>>();
        peers.forEach(peer -> seen.put(peer, lastSeen.getOrDefault(peer, new Sight.NotTried<>())));
        return seen;
    }

    private Sight<Beacon> readBeacon(NodeName node) throws RemoteFailure {
        try {
            var text = text(beaconOf(node), Beacon.MAX_BYTES);
            var beacon = Beacon.parse(text).filter(found -> found.node().equals(node));
            return beacon.isPresent() ? new Sight.Seen<>(beacon.get()) : new Sight.Refused<>("read", "EBADMSG");
        } catch (RemoteFailure e) {
            return sight(e, "read");
        }
    }

    private EntryPath beaconOf(NodeName node) {
        return dot.beacons().resolve(EntryPath.of(node.value()));
    }

    /** The first bytes of a small file; one that is longer than it should be is cut, and then is no marker or beacon. */
    private String text(EntryPath file, int most) throws RemoteFailure {
        return new String(RemoteContent.read(place, file, most + 1), StandardCharsets.UTF_8);
    }

    /** What one call came to. */
    private static <T> Sight<T> sight(RemoteFailure failure, String operation) throws RemoteFailure {
        if (!failure.isOfOneEntry()) {
            throw failure;
        }
        return failure.isAbsent() ? new Sight.Absent<>() : new Sight.Refused<>(operation, failure.symbol());
    }

    @Override
    public void close() {
        connection.close();
    }
}
