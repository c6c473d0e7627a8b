/**
 * The control loop: one thread that observes, decides with the pure core, makes durable, acts and reports.
 *
 * <p>Effects stand behind the ports of this package, and {@code app} supplies them. May import {@code common} and
 * {@code log}.
 */
@NullMarked
package io.lockstep.agent.loop;

import org.jspecify.annotations.NullMarked;
