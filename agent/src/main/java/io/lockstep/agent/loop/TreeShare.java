package io.lockstep.agent.loop;

import io.lockstep.mount.ExpectedMount;
import java.util.Optional;

/**
 * Where a tree's share is.
 *
 * @param path absolute and normalized; the URI of a share that is not mounted
 * @param mount which mount it must be; empty when the configuration does not say
 */
public record TreeShare(String tree, String path, Optional<ExpectedMount> mount) {}
