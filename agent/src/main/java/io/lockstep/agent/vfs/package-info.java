/**
 * Shares that are not mounted: everything that talks to a server through Apache Commons VFS. Every call comes to a value
 * or to a reason; that nothing is there, that the server refused, and that it could not be asked are never one value.
 *
 * <p>May import {@code common}, Commons VFS, JSch and Jackson, and nothing else of the agent.
 */
@NullMarked
package io.lockstep.agent.vfs;

import org.jspecify.annotations.NullMarked;
