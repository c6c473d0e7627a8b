/**
 * What a node can see of its share, and the rule that makes evidence of it: what the mount table says, what one look at
 * the share came to, what the members announced.
 *
 * <p>May import {@code artifact}, {@code digest}, {@code generation} and {@code cluster}.
 */
@NullMarked
package io.lockstep.mount;

import org.jspecify.annotations.NullMarked;
