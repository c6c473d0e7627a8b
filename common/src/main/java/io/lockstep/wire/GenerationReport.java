package io.lockstep.wire;

import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.PlanChanges;
import java.time.Instant;
import java.util.Optional;

/**
 * What an operator has to know of a generation to choose one: an answer of {@code GET /v1/generations}.
 *
 * @param at when the manager committed it, by its own clock
 * @param kept whether this node keeps its manifest; without it only another node can restore it
 * @param files how many files it has; empty when it is not kept
 * @param changes what it did to the generation before; empty when one of the two is not kept
 */
public record GenerationReport(
        GenerationId id,
        Instant at,
        Digest root,
        boolean kept,
        Optional<Long> files,
        Optional<PlanChanges.Counts> changes) {}
