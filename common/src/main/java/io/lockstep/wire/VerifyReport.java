package io.lockstep.wire;

import java.util.Optional;

/**
 * How far a verify is: the answer of {@code POST /v1/verify} and {@code GET /v1/verify}. Every digest of what the
 * Gateway reads is computed anew.
 *
 * @param id of the run
 * @param entries looked at so far
 * @param bytes read so far
 * @param expectedEntries how many entries the reference has
 * @param expectedBytes how many bytes the reference has
 * @param result empty while it runs
 * @param problem why it could not be done; empty while it runs, or when it was
 */
public record VerifyReport(
        long id,
        long entries,
        long bytes,
        long expectedEntries,
        long expectedBytes,
        double tookSeconds,
        Optional<DiffReport> result,
        Optional<String> problem) {
    public boolean isOver() {
        return result.isPresent() || problem.isPresent();
    }
}
