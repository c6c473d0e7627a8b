package io.lockstep.agent.posix;

/** Whether a process of this host has a file open for writing, as far as the operating system tells. */
public sealed interface Writers {
    /** No process of this host had it open for writing at the moment of the question. */
    record None() implements Writers {}

    /** Some process has it open for writing, or a writable shared mapping of it. */
    record Some() implements Writers {}

    /**
     * It can't be asked: {@code EACCES} for a file of another user (without CAP_LEASE), {@code EINVAL} or
     * {@code ENOLCK} on a file system that grants no leases, as most network file systems.
     */
    record NotAskable(Errno errno) implements Writers {}
}
