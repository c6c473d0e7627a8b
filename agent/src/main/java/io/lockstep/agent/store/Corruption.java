package io.lockstep.agent.store;

import io.lockstep.digest.Digest;
import java.util.Optional;

/**
 * A kept file whose bytes are not what they were when it was kept.
 *
 * @param place {@code trash} or {@code conflicts}
 * @param actual the digest of the bytes; empty when they can't be read
 * @param detail what was found, for people
 */
public record Corruption(KeptEntry entry, String place, Optional<Digest> actual, String detail) {}
