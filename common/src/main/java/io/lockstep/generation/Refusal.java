package io.lockstep.generation;

import io.lockstep.digest.Digest;

/**
 * Why exactly one content may not enter a generation at its path. Other content at the same path is not refused.
 *
 * @param detail what exactly was found, for people
 */
public record Refusal(Digest digest, HeldBack.Why why, String detail) {
    public Refusal {
        detail = HeldBack.cut(detail);
    }
}
