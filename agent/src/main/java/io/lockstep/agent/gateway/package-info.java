/**
 * What is known of WSO2's Gateway: which content it can deploy, and what it makes of names. Reads bytes that it is
 * given and touches no disk itself. Imports {@code io.lockstep} of {@code common}, the JDK's XML and Jackson's
 * streaming parser, and nothing else of the agent.
 */
@NullMarked
package io.lockstep.agent.gateway;

import org.jspecify.annotations.NullMarked;
