package io.lockstep.cluster;

/** The cluster's mode. The numbers are the value of the metric {@code lockstep_mode} and never change. */
public enum Mode {
    /** All nodes receive the reference through the share, and any Gateway may write to it. */
    SHARED(1),
    /** There is no share: nodes serve their replicas, and only the manager's Gateway may write. */
    RSYNC(2),
    /** The share is back, and the manager brings it up to the reference. */
    RECONCILING(3),
    /** Nodes serve the last verified generation and nothing is written until a person, or the facts, decide. */
    HOLD(4);

    private final int metricValue;

    Mode(int metricValue) {
        this.metricValue = metricValue;
    }

    public int metricValue() {
        return metricValue;
    }
}
