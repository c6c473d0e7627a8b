/** The daemon and its command line. */
@org.jspecify.annotations.NullMarked
package io.lockstep.agent;
