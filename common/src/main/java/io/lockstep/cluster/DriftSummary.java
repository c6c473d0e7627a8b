package io.lockstep.cluster;

/**
 * How many paths of a node's served tree are not as the reference says.
 *
 * @param unknown paths that can't be read or told
 */
public record DriftSummary(int missing, int extra, int changed, int unknown) {
    public static final DriftSummary NONE = new DriftSummary(0, 0, 0, 0);

    public int total() {
        return missing + extra + changed + unknown;
    }
}
