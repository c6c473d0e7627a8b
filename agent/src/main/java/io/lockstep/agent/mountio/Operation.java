package io.lockstep.agent.mountio;

/** What the parent has the child do. */
enum Operation {
    PROBE(Lane.PROBE),
    SCAN(Lane.WORK),
    STAGE(Lane.WORK),
    WRITE(Lane.WORK);

    private final Lane lane;

    Operation(Lane lane) {
        this.lane = lane;
    }

    Lane lane() {
        return lane;
    }

    /** For people. */
    String text() {
        return switch (this) {
            case PROBE -> "probe";
            case SCAN -> "scan";
            case STAGE -> "copy";
            case WRITE -> "write";
        };
    }
}
