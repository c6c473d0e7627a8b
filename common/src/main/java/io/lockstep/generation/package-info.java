/**
 * The canonical list of a tree's entries and its commitment as a generation.
 *
 * <p>May import {@code artifact} and {@code digest}.
 */
@NullMarked
package io.lockstep.generation;

import org.jspecify.annotations.NullMarked;
