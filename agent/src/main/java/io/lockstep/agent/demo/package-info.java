/**
 * {@code lockstep demo}: a cluster of real agents on loopback, and a story that is told only as it is observed in them.
 *
 * <p>May import every package of the agent but {@code cli}.
 */
@NullMarked
package io.lockstep.agent.demo;

import org.jspecify.annotations.NullMarked;
