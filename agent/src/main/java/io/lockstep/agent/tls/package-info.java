/**
 * Who a node is on the wire: PEM files into TLS 1.3 contexts with authentication of both sides, the names in
 * certificates, and the private authority that {@code lockstep setup} makes.
 *
 * <p>May import the JDK and Bouncy Castle; nothing of the other agent packages. {@code http} and {@code peer} import it.
 */
@NullMarked
package io.lockstep.agent.tls;

import org.jspecify.annotations.NullMarked;
