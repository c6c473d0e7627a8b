/**
 * Mounts that fail on command, for tests: see {@link io.lockstep.agent.faulty.FaultyMounts}. Imports nothing of the
 * agent, whose judge it is.
 */
@NullMarked
package io.lockstep.agent.faulty;

import org.jspecify.annotations.NullMarked;
