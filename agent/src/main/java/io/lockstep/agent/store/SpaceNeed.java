package io.lockstep.agent.store;

/**
 * Room on a file system.
 *
 * @param bytes 0 or more
 * @param inodes 0 or more
 */
public record SpaceNeed(long bytes, long inodes) {
    /** What one file takes at most beside its content: its last block's rest. */
    private static final long BLOCK_BYTES = 4096;

    static final SpaceNeed NONE = new SpaceNeed(0, 0);
    /** A directory, or a small description. */
    static final SpaceNeed ONE_BLOCK = new SpaceNeed(BLOCK_BYTES, 1);

    static SpaceNeed ofFile(long sizeBytes) {
        return new SpaceNeed(Math.addExact(sizeBytes, BLOCK_BYTES), 1);
    }

    SpaceNeed plus(SpaceNeed other) {
        return new SpaceNeed(Math.addExact(bytes, other.bytes), inodes + other.inodes);
    }

    SpaceNeed times(long count) {
        return new SpaceNeed(Math.multiplyExact(bytes, count), inodes * count);
    }

    boolean fitsInto(SpaceNeed available) {
        return bytes <= available.bytes && inodes <= available.inodes;
    }
}
