package io.lockstep.agent.mountio;

import io.lockstep.cluster.NodeName;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.Marker;
import io.lockstep.mount.Sight;
import io.lockstep.mount.TreeSight;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A probe's body, and the parts of its answer: one for each tree. */
final class ProbeMessage {
    private static final int MAX_PEERS = 1024;

    private static final int SEEN = 0;
    private static final int ABSENT = 1;
    private static final int REFUSED = 2;
    private static final int NOT_TRIED = 3;

    private ProbeMessage() {}

    /** What to look for. */
    record Order(Beacon beacon, List<NodeName> peers) {
        void write(MessageOutput out) throws IOException {
            writeBeacon(beacon, out);
            out.i32(peers.size());
            for (var peer : peers) {
                out.text(peer.value());
            }
        }

        static Order read(MessageInput in) throws IOException {
            var beacon = readBeacon(in);
            int count = in.count(MAX_PEERS);
            var peers = new ArrayList<NodeName>();
            for (int i = 0; i < count; i++) {
                peers.add(name(in));
            }
            return new Order(beacon, peers);
        }
    }

    static void write(TreeSight sight, MessageOutput out) throws IOException {
        out.text(sight.tree());
        write(sight.directory(), MessageOutput::text, out);
        write(sight.marker(), ProbeMessage::writeMarker, out);
        write(sight.written(), ProbeMessage::writeBeacon, out);
        out.i32(sight.peers().size());
        for (var peer : sight.peers().entrySet()) {
            out.text(peer.getKey().value());
            write(peer.getValue(), ProbeMessage::writeBeacon, out);
        }
    }

    static TreeSight read(MessageInput in) throws IOException {
        var tree = in.text();
        var directory = read(MessageInput::text, in);
        var marker = read(input -> new Marker(input.text(), input.text()), in);
        var written = read(ProbeMessage::readBeacon, in);
        int count = in.count(MAX_PEERS);
        var peers = new TreeMap<NodeName, Sight<Beacon>>();
        for (int i = 0; i < count; i++) {
            var peer = name(in);
            peers.put(peer, read(ProbeMessage::readBeacon, in));
        }
        in.end();
        return new TreeSight(tree, directory, marker, written, peers);
    }

    /** Writes a value of a sight. */
    private interface Writer<T> {
        void write(MessageOutput out, T value) throws IOException;
    }

    /** Reads a value of a sight. */
    private interface Reader<T> {
        T read(MessageInput in) throws IOException;
    }

    private static <T> void write(Sight<T> sight, Writer<T> writer, MessageOutput out) throws IOException {
        if (sight instanceof Sight.Seen<T> seen) {
            out.u8(SEEN);
            writer.write(out, seen.value());
        } else if (sight instanceof Sight.Absent<T>) {
            out.u8(ABSENT);
        } else if (sight instanceof Sight.Refused<T> refused) {
            out.u8(REFUSED);
            out.text(refused.operation());
            out.text(refused.error());
        } else {
            out.u8(NOT_TRIED);
        }
    }

    private static <T> Sight<T> read(Reader<T> reader, MessageInput in) throws IOException {
        int kind = in.u8();
        return switch (kind) {
            case SEEN -> new Sight.Seen<>(reader.read(in));
            case ABSENT -> new Sight.Absent<>();
            case REFUSED -> new Sight.Refused<>(in.text(), in.text());
            case NOT_TRIED -> new Sight.NotTried<>();
            default -> throw new MalformedFrameException("no sight is of kind " + kind);
        };
    }

    private static void writeMarker(MessageOutput out, Marker marker) throws IOException {
        out.text(marker.clusterId());
        out.text(marker.shareId());
    }

    private static void writeBeacon(MessageOutput out, Beacon beacon) throws IOException {
        writeBeacon(beacon, out);
    }

    private static void writeBeacon(Beacon beacon, MessageOutput out) throws IOException {
        out.text(beacon.text());
    }

    private static Beacon readBeacon(MessageInput in) throws IOException {
        var text = in.text();
        return Beacon.parse(text).orElseThrow(() -> new MalformedFrameException("'" + text + "' is no beacon"));
    }

    private static NodeName name(MessageInput in) throws IOException {
        try {
            return new NodeName(in.text());
        } catch (IllegalArgumentException e) {
            throw new MalformedFrameException(String.valueOf(e.getMessage()), e);
        }
    }
}
