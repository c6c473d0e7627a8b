/**
 * Merging a share that came back with what the cluster did meanwhile: a pure function of three manifests.
 *
 * <p>May import {@code artifact}, {@code digest} and {@code generation}.
 */
@NullMarked
package io.lockstep.reconcile;

import org.jspecify.annotations.NullMarked;
