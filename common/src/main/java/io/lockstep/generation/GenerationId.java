package io.lockstep.generation;

import java.util.Comparator;

/**
 * Names a generation. Ordered by epoch, then seq; printed as {@code epoch.seq}.
 *
 * @param epoch the number of the manager's term, 1 or more
 * @param seq counts the generations over all epochs, 1 or more
 */
public record GenerationId(long epoch, long seq) implements Comparable<GenerationId> {
    private static final Comparator<GenerationId> ORDER =
            Comparator.comparingLong(GenerationId::epoch).thenComparingLong(GenerationId::seq);

    public GenerationId {
        if (epoch < 1 || seq < 1) {
            throw new IllegalArgumentException("epoch and seq start at 1: " + epoch + "." + seq);
        }
    }

    /**
     * Reads {@code epoch.seq}.
     *
     * @throws IllegalArgumentException when the text is not of that form
     */
    public static GenerationId parse(String text) {
        int dot = text.indexOf('.');
        if (dot < 0) {
            throw new IllegalArgumentException("a generation is written EPOCH.SEQ, such as 1.42, not: " + text);
        }
        return new GenerationId(Long.parseLong(text.substring(0, dot)), Long.parseLong(text.substring(dot + 1)));
    }

    @Override
    public int compareTo(GenerationId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return epoch + "." + seq;
    }
}
