/**
 * Wires an agent: gives the control loop its ports, the servers their resources, and starts and stops both.
 *
 * <p>May import every package of the agent.
 */
@NullMarked
package io.lockstep.agent.app;

import org.jspecify.annotations.NullMarked;
