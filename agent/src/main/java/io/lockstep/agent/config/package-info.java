/**
 * The typed, validated configuration of an agent: one file, {@code conf/lockstep.yml}.
 *
 * <p>May import {@code common} and Jackson, Hibernate Validator, Commons Text and SLF4J's level; no other package of the agent.
 */
@NullMarked
package io.lockstep.agent.config;

import org.jspecify.annotations.NullMarked;
