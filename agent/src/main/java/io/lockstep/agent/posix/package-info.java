/**
 * The operating system's own calls that Java does not offer, each relative to a directory handle: the only package with
 * native calls. Names are raw bytes; failures are values. Imports only {@code io.lockstep.artifact} and JNA.
 */
@org.jspecify.annotations.NullMarked
package io.lockstep.agent.posix;
