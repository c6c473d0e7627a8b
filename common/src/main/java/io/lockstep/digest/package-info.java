/**
 * Content identities and what one scan found.
 *
 * <p>May import {@code artifact}.
 */
@NullMarked
package io.lockstep.digest;

import org.jspecify.annotations.NullMarked;
