package io.lockstep.health;

/** What nodes do when all of them have lost the share. */
public enum TotalOutage {
    /** They stay in rotation with the last verified generation. */
    SERVE,
    /** They leave the rotation, all of them. */
    DRAIN
}
