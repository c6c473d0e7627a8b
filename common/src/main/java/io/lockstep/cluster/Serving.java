package io.lockstep.cluster;

/** Where a node's live paths lead. The numbers are the value of {@code lockstep_serving} and never change. */
public enum Serving {
    /** To the share's mount. */
    MOUNT(1),
    /** To the node's own replica. */
    REPLICA(2),
    /** Some live path is no link, or leads elsewhere: a person did that, and the agent leaves it alone. */
    ELSEWHERE(3),
    /** Some live path does not exist yet. */
    ABSENT(0);

    private final int metricValue;

    Serving(int metricValue) {
        this.metricValue = metricValue;
    }

    public int metricValue() {
        return metricValue;
    }
}
