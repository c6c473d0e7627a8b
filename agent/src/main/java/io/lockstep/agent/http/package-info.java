/**
 * The ops port, the control port and its raw streams, on Dropwizard and Jetty, and what is said on them.
 *
 * <p>May import {@code common}, {@code json}, {@code tls}, {@code log} and {@code loop}.
 */
@NullMarked
package io.lockstep.agent.http;

import org.jspecify.annotations.NullMarked;
