/**
 * Looks at one tree and says what is there. Imports {@code io.lockstep.artifact}, {@code digest} and {@code generation}
 * of {@code common}, and {@code io.lockstep.agent.posix}; no other package of the agent.
 */
@org.jspecify.annotations.NullMarked
package io.lockstep.agent.scan;
