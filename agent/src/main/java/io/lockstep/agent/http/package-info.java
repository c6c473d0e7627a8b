/**
 * The transport shell: the ops port, the control port and its raw streams, on Dropwizard and Jetty. What is said on them
 * is registered by the packages above.
 *
 * <p>May import {@code common} and {@code tls}; no other agent package.
 */
@NullMarked
package io.lockstep.agent.http;

import org.jspecify.annotations.NullMarked;
