package io.lockstep.cluster;

/**
 * The last beacon that a member has written to its share, made durable there, and read back: who has the same share
 * sees it there, or a later one.
 *
 * @param incarnation of the member's agent; never 0
 * @param seq 1 for an incarnation's first beacon
 */
public record AnnouncedBeacon(long incarnation, long seq) {
    public AnnouncedBeacon {
        if (incarnation == 0 || seq < 1) {
            throw new IllegalArgumentException(
                    "a beacon has an incarnation and a seq from 1: " + incarnation + ", " + seq);
        }
    }
}
