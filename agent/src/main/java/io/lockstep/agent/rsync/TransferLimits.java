package io.lockstep.agent.rsync;

import java.time.Duration;

/**
 * How long a transfer may take.
 *
 * @param deadline for the whole transfer; then every process of it is killed. More than zero
 * @param silence how long rsync waits for a byte before it gives up ({@code --timeout}); 1 s or more, whole seconds
 */
public record TransferLimits(Duration deadline, Duration silence) {
    public TransferLimits {
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("deadline must be more than zero: " + deadline);
        }
        // rsync reads --timeout=0 as "wait for ever".
        if (silence.toSeconds() < 1) {
            throw new IllegalArgumentException("silence must be 1 s or more: " + silence);
        }
    }
}
