/**
 * The shapes of messages on the control port: plain records of JSON-friendly values.
 *
 * <p>May import everything in common.
 */
@NullMarked
package io.lockstep.wire;

import org.jspecify.annotations.NullMarked;
