/**
 * The command line. Every command answers in one model, written as text, JSON, YAML or TSV.
 *
 * <p>May import {@code common}, {@code config}, {@code tls} and what it asks an agent through; nothing imports it.
 */
@NullMarked
package io.lockstep.agent.cli;

import org.jspecify.annotations.NullMarked;
