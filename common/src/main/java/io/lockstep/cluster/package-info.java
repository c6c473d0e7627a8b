/**
 * Who takes part, what each says of itself, and the decision log that all follow.
 *
 * <p>May import {@code artifact}, {@code digest} and {@code generation}.
 */
@NullMarked
package io.lockstep.cluster;

import org.jspecify.annotations.NullMarked;
