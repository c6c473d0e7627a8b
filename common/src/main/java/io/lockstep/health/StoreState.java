package io.lockstep.health;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is to be known of the content that a node keeps: trash and conflict store.
 *
 * @param damaged kept files whose bytes are not what they were, at most {@value #MAX_DAMAGED} of them, each in words
 * @param damagedCount how many there are in all
 * @param mended how many were given their bytes again since the agent started
 * @param bytes how much the trash holds; empty when that can't be told
 * @param scrubbedAt when every kept file was last looked at; empty when never
 */
public record StoreState(
        List<String> damaged, int damagedCount, long mended, Optional<Long> bytes, Optional<Instant> scrubbedAt) {
    /** The most damaged files that are told one by one. */
    public static final int MAX_DAMAGED = 100;

    /** Of a node that keeps nothing. */
    public static final StoreState EMPTY = new StoreState(List.of(), 0, 0, Optional.of(0L), Optional.empty());

    public StoreState {
        damaged = List.copyOf(damaged);
        if (damaged.size() > MAX_DAMAGED || damagedCount < damaged.size()) {
            throw new IllegalArgumentException("at most " + MAX_DAMAGED + " damaged files are told one by one");
        }
    }
}
