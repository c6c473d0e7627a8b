/**
 * The child process that touches the share, so that this one never does: frames over pipes, with deadlines. The parent's
 * side starts one child, makes typed calls on two lanes, kills a child that does not move, and counts those that even
 * that does not end; the child's side reads calls and has a {@link io.lockstep.agent.mountio.ShareService} answer them.
 * Imports {@code common} and {@code io.lockstep.agent.posix}; no other package of the agent.
 */
@NullMarked
package io.lockstep.agent.mountio;

import org.jspecify.annotations.NullMarked;
