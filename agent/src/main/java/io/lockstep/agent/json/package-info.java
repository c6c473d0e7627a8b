/**
 * The one JSON form of the domain's values, used in files, on the control port and by the command line.
 *
 * <p>May import {@code common}.
 */
@NullMarked
package io.lockstep.agent.json;

import org.jspecify.annotations.NullMarked;
