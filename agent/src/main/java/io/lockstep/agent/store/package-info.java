/**
 * The effects on a node's disk: the stage of fetched content, applying a generation to a tree, what is preserved of the
 * content it replaces, the live path's flip, and the agent's small durable values.
 *
 * <p>Failures that a disk can cause are values. Imports {@code common} and {@code io.lockstep.agent.posix}; Jackson for
 * what is written as JSON.
 */
@NullMarked
package io.lockstep.agent.store;

import org.jspecify.annotations.NullMarked;
