package io.lockstep.agent.store;

import io.lockstep.agent.posix.Errno;

/**
 * A step that the disk refused. What was done before it stays done and is whole.
 *
 * @param action what was tried, as a verb: {@code write}
 * @param place the path, printable
 * @param errno the operating system's reason
 */
public record DiskFailure(String action, String place, Errno errno) {
    /** One line for people: what, where, why, and what to do. */
    public String message() {
        return "could not " + action + " " + place + ": " + errno + "; " + remedy();
    }

    private String remedy() {
        return switch (errno.symbol()) {
            case "ENOSPC", "EDQUOT" -> "free space or inodes there; the agent tries again";
            case "EROFS" -> "make the file system writable; the agent tries again";
            case "EACCES", "EPERM" -> "give the agent's user the right to it; the agent tries again";
            case "EXDEV" -> "put both on one file system";
            case "ENOENT" -> "create it, or correct the configured path";
            default -> "look at the kernel's log for this file system; the agent tries again";
        };
    }
}
