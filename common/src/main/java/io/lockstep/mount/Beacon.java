package io.lockstep.mount;

import io.lockstep.cluster.NodeName;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The small file that each node keeps writing to the share, {@code <share>/.lockstep/beacons/<node>}: who sees another
 * node's latest beacon sees the same share as that node.
 *
 * @param node who wrote it
 * @param incarnation of the agent that wrote it, at random at its start; never 0
 * @param seq 1 for an incarnation's first beacon, and one more for each
 */
public record Beacon(NodeName node, long incarnation, long seq) {
    private static final Pattern TEXT =
            Pattern.compile("lockstep-beacon 1 ([a-z0-9-]{1,63}) ([0-9a-f]{16}) ([0-9]{19})\n");

    /** The most bytes that a beacon has. */
    public static final int MAX_BYTES = 128;

    public Beacon {
        if (incarnation == 0 || seq < 1) {
            throw new IllegalArgumentException(
                    "a beacon has an incarnation and a seq from 1: " + incarnation + ", " + seq);
        }
    }

    /** The next one of the same agent. */
    public Beacon next() {
        return new Beacon(node, incarnation, seq + 1);
    }

    /** Whether this one is {@code other}, or a later one of the same incarnation. */
    public boolean isAtLeast(Beacon other) {
        return node.equals(other.node) && incarnation == other.incarnation && seq >= other.seq;
    }

    /** The file's content: ASCII, of the same length for all beacons of a node, so that it is written over in place. */
    public String text() {
        var digits = Long.toString(seq);
        return "lockstep-beacon 1 " + node.value() + " " + hex(incarnation) + " " + "0".repeat(19 - digits.length())
                + digits + "\n";
    }

    private static String hex(long value) {
        var digits = Long.toHexString(value);
        return "0".repeat(16 - digits.length()) + digits;
    }

    /** The beacon that a file's content is; empty when it is none, or a torn one. */
    public static Optional<Beacon> parse(String text) {
        var match = TEXT.matcher(text);
        if (!match.matches()) {
            return Optional.empty();
        }
        long incarnation = Long.parseUnsignedLong(match.group(2), 16);
        try {
            long seq = Long.parseLong(match.group(3));
            return incarnation == 0 || seq < 1
                    ? Optional.empty()
                    : Optional.of(new Beacon(new NodeName(match.group(1)), incarnation, seq));
        } catch (IllegalArgumentException tooLargeOrNoName) {
            return Optional.empty();
        }
    }
}
