/**
 * What Prometheus sees, through Micrometer and the Prometheus simpleclient.
 *
 * <p>May import {@code common} and the listener of {@code loop}.
 */
@NullMarked
package io.lockstep.agent.metrics;

import org.jspecify.annotations.NullMarked;
