/**
 * Calls to peers' control ports: JSON requests and raw streams, over mutual TLS 1.3.
 *
 * <p>May import {@code common} and {@code tls}; no other agent package.
 */
@NullMarked
package io.lockstep.agent.peer;

import org.jspecify.annotations.NullMarked;
