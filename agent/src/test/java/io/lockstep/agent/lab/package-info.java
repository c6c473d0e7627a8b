/**
 * Labs: hosts of their own in namespaces of this machine, real network file systems between them, and agents on them.
 * See {@code docs/testing.md}.
 */
@NullMarked
package io.lockstep.agent.lab;

import org.jspecify.annotations.NullMarked;
