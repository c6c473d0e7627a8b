package io.lockstep.agent.loop;

import java.util.Optional;

/**
 * What became of an attempt to change trees.
 *
 * @param written entries that were written
 * @param deleted entries that were deleted; their content is in the trash
 * @param preserved entries that nobody knew, which are in the conflict store now
 * @param problem why it is not complete, for people; empty when it is
 */
public record Change(int written, int deleted, int preserved, Optional<String> problem) {}
