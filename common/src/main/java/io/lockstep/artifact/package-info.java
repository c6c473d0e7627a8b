/**
 * What a tree is made of: paths, kinds of entries, stamps, and the filter that says which entries belong to it.
 *
 * <p>Imports nothing of Lockstep.
 */
@NullMarked
package io.lockstep.artifact;

import org.jspecify.annotations.NullMarked;
