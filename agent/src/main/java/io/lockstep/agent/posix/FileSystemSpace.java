package io.lockstep.agent.posix;

/**
 * What a file system has left for this process's user (statfs(2)).
 *
 * @param availableBytes 0 or more
 * @param availableInodes 0 or more; {@link Long#MAX_VALUE} where the file system makes them as needed and counts none
 */
public record FileSystemSpace(long availableBytes, long availableInodes) {}
