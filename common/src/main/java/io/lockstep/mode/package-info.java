/**
 * The decision core: a pure function from a state and an observation to a decision.
 *
 * <p>May import {@code artifact}, {@code digest}, {@code generation} and {@code cluster}.
 */
@NullMarked
package io.lockstep.mode;

import org.jspecify.annotations.NullMarked;
