package io.lockstep.wire;

import java.util.Optional;

/**
 * What became of the registration of a tree's share: an element of the answer of {@code POST /v1/shares/register}.
 *
 * @param before the share that was registered; empty when none was
 * @param after the share that is registered now: the one that the manager sees
 */
public record ShareRegistration(String tree, Optional<String> before, String after) {
    /** Whether it was another share. */
    public boolean isNew() {
        return !before.equals(Optional.of(after));
    }
}
