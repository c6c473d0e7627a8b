package io.lockstep.agent.config;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

/**
 * How many deletions of one tree run without an approval: the larger of the two.
 *
 * @param deletions files, 0 to 1000000
 * @param deletionShare of the tree's files, 0 to 1
 * @param kindFiles an artifact kind of a tree with this many files or more never goes to zero, 1 to 1000000
 */
public record GuardConfiguration(
        @Min(0) @Max(1_000_000) int deletions,
        @DecimalMin("0") @DecimalMax("1") double deletionShare,
        @Min(1) @Max(1_000_000) int kindFiles) {

    public static final GuardConfiguration DEFAULTS = new GuardConfiguration(10, 0.2, 1);
}
