package io.lockstep.agent.app;

import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.posix.Attempt;
import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.posix.DirectoryHandle;
import io.lockstep.agent.posix.Errno;
import io.lockstep.agent.posix.FileHandle;
import io.lockstep.agent.posix.NativeBuffer;
import io.lockstep.agent.posix.StatBuffer;
import io.lockstep.cluster.NodeName;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Marker;
import io.lockstep.mount.Sight;
import io.lockstep.mount.TreeSight;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One look at one tree's share, call by call, each with its own outcome. A beacon is written over in place, so that a
 * client that has cached its directory entry still finds it, and is opened anew to be read, since that is when a network
 * file system asks its server (nfs(5), close-to-open).
 */
final class ShareLook {
    private static final byte[] BEACONS = bytes("beacons");
    private static final int READABLE = 0644;
    private static final int MAX_BYTES = ShareMarker.MAX_SIZE_BYTES;

    private final String tree;
    private final Path root;
    private final CallWatch watch;

    ShareLook(String tree, Path root, CallWatch watch) {
        this.tree = tree;
        this.root = root;
        this.watch = watch;
    }

    /** Looks at the directory and its marker, and leaves the beacons alone. */
    TreeSight glance() {
        return look(Optional.empty(), List.of());
    }

    TreeSight look(Beacon beacon, List<NodeName> peers) {
        return look(Optional.of(beacon), peers);
    }

    private TreeSight look(Optional<Beacon> beacon, List<NodeName> peers) {
        var attempt = DirectoryHandle.open(root, watch);
        if (!(attempt instanceof Attempt.Done<DirectoryHandle> opened)) {
            var errno = ((Attempt.Failed<DirectoryHandle>) attempt).errno();
            return new TreeSight(tree, failed("open", errno), new Sight.NotTried<>(), new Sight.NotTried<>(), Map.of());
        }
        try (var directory = opened.value();
                var stat = new StatBuffer()) {
            int result = directory.stat(stat);
            Sight<String> identity = result == 0
                    ? new Sight.Seen<>(stat.device() + ":" + stat.inode())
                    : failed("stat", new Errno(-result));
            return lookInside(directory, identity, beacon, peers);
        }
    }

    private TreeSight lookInside(
            DirectoryHandle directory, Sight<String> identity, Optional<Beacon> beacon, List<NodeName> peers) {
        var attempt = directory.openDirectory(bytes(ShareMarker.DIRECTORY));
        if (attempt instanceof Attempt.Done<DirectoryHandle> done) {
            try (var dot = done.value()) {
                var marker = marker(read(dot, ShareMarker.NAME));
                if (!(marker instanceof Sight.Seen<Marker>)) {
                    return new TreeSight(tree, identity, marker, new Sight.NotTried<>(), Map.of());
                }
                Sight<Beacon> written = beacon.isPresent() ? write(dot, beacon.get()) : new Sight.NotTried<>();
                var seen = new TreeMap<NodeName, Sight<Beacon>>();
                peers.forEach(peer -> seen.put(peer, readBeacon(dot, peer)));
                return new TreeSight(tree, identity, marker, written, seen);
            }
        }
        Sight<Marker> none = failed("open", ((Attempt.Failed<DirectoryHandle>) attempt).errno());
        return new TreeSight(tree, identity, none, new Sight.NotTried<>(), Map.of());
    }

    private static Sight<Marker> marker(Sight<String> text) {
        if (text instanceof Sight.Seen<String> seen) {
            var marker = Marker.parse(seen.value());
            return marker.isPresent() ? new Sight.Seen<>(marker.get()) : new Sight.Refused<>("read", "EBADMSG");
        }
        return same(text);
    }

    private Sight<Beacon> write(DirectoryHandle dot, Beacon beacon) {
        var made = dot.makeDirectory(BEACONS, 0777);
        if (!made.isNone() && !made.equals(Errno.EEXIST)) {
            return failed("mkdir", made);
        }
        var attempt = dot.openDirectory(BEACONS);
        if (!(attempt instanceof Attempt.Done<DirectoryHandle> opened)) {
            return failed("open", ((Attempt.Failed<DirectoryHandle>) attempt).errno());
        }
        try (var directory = opened.value();
                var buffer = new NativeBuffer(Beacon.MAX_BYTES)) {
            var file = directory.openOrCreateFile(bytes(beacon.node().value()), READABLE);
            if (!(file instanceof Attempt.Done<FileHandle> done)) {
                return failed("open", ((Attempt.Failed<FileHandle>) file).errno());
            }
            try (var handle = done.value()) {
                var text = bytes(beacon.text());
                buffer.bytes().put(0, text);
                var errno = handle.write(buffer, text.length);
                if (!errno.isNone()) {
                    return failed("write", errno);
                }
                errno = handle.sync();
                if (!errno.isNone()) {
                    return failed("fsync", errno);
                }
            }
        }
        return readBeacon(dot, beacon.node());
    }

    private Sight<Beacon> readBeacon(DirectoryHandle dot, NodeName node) {
        var attempt = dot.openDirectory(BEACONS);
        if (!(attempt instanceof Attempt.Done<DirectoryHandle> opened)) {
            return failed("open", ((Attempt.Failed<DirectoryHandle>) attempt).errno());
        }
        try (var directory = opened.value()) {
            var text = read(directory, node.value());
            if (text instanceof Sight.Seen<String> seen) {
                Optional<Beacon> beacon =
                        Beacon.parse(seen.value()).filter(found -> found.node().equals(node));
                return beacon.isPresent() ? new Sight.Seen<>(beacon.get()) : new Sight.Refused<>("read", "EBADMSG");
            }
            return same(text);
        }
    }

    private static Sight<String> read(DirectoryHandle directory, String name) {
        var attempt = directory.openFile(bytes(name));
        if (!(attempt instanceof Attempt.Done<FileHandle> opened)) {
            return failed("open", ((Attempt.Failed<FileHandle>) attempt).errno());
        }
        try (var file = opened.value();
                var buffer = new NativeBuffer(MAX_BYTES)) {
            int got = file.read(buffer, MAX_BYTES);
            if (got < 0) {
                return failed("read", new Errno(-got));
            }
            var bytes = new byte[got];
            buffer.bytes().get(0, bytes);
            return new Sight.Seen<>(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    private static <T> Sight<T> failed(String operation, Errno errno) {
        return errno.equals(Errno.ENOENT) ? new Sight.Absent<>() : new Sight.Refused<>(operation, errno.symbol());
    }

    /** The same outcome, for a value of another type; only of one that holds none. */
    private static <T> Sight<T> same(Sight<?> sight) {
        if (sight instanceof Sight.Refused<?> refused) {
            return new Sight.Refused<>(refused.operation(), refused.error());
        }
        return sight instanceof Sight.Absent<?> ? new Sight.Absent<>() : new Sight.NotTried<>();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
