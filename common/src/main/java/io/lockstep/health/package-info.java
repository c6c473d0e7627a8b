/**
 * The agent's immutable snapshot and the answers that health endpoints derive from it.
 *
 * <p>May import everything in common except {@code wire}.
 */
@NullMarked
package io.lockstep.health;

import org.jspecify.annotations.NullMarked;
