package io.lockstep.agent.loop;

import java.util.Optional;

/**
 * What became of an attempt to change trees.
 *
 * @param written entries that were written or removed
 * @param trashed old contents, replaced or removed, that went to the trash
 * @param preserved entries that nobody knew, which are in the conflict store now
 * @param problem why it is not complete, for people; empty when it is
 */
public record Change(int written, int trashed, int preserved, Optional<String> problem) {}
