/**
 * Prepares the layout of {@code trees[].flip} on the host of an existing Gateway, as a plan of steps that can each be done
 * again and undone, whatever was done of them.
 *
 * <p>May import {@code common}, {@code config} and {@code posix}.
 */
@NullMarked
package io.lockstep.agent.setup;

import org.jspecify.annotations.NullMarked;
