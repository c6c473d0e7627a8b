/**
 * The decision log on this node's disk. The {@code static} log: one configured manager writes it, all others follow it.
 *
 * <p>May import {@code common} and {@code json}.
 */
@NullMarked
package io.lockstep.agent.log;

import org.jspecify.annotations.NullMarked;
