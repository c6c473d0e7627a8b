package io.lockstep.agent.loop;

import io.lockstep.generation.Manifest;
import io.lockstep.generation.Resolution;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Looks at a share that can't tell everything, held against the reference; each is worked out once for a reference.
 * Only the control thread calls the methods.
 */
final class AlignedLooks {
    /** The last look, the one before it, and the one that it is held against. */
    private static final int KEPT = 3;

    private final Resolution resolution;
    private final Deque<Aligned> kept = new ArrayDeque<>(KEPT);
    private Manifest reference = Manifest.empty();

    private record Aligned(LookHistory.Look raw, LookHistory.Look look) {}

    AlignedLooks(Resolution resolution) {
        this.resolution = resolution;
    }

    void to(Manifest next) {
        if (!next.equals(reference)) {
            reference = next;
            kept.clear();
        }
    }

    LookHistory.Look of(LookHistory.Look raw) {
        if (resolution.isExact()) {
            return raw;
        }
        for (var aligned : kept) {
            if (aligned.raw().equals(raw)) {
                return aligned.look();
            }
        }
        var look = new LookHistory.Look(resolution.align(raw.view(), reference), raw.at(), raw.took());
        if (kept.size() == KEPT) {
            kept.removeFirst();
        }
        kept.addLast(new Aligned(raw, look));
        return look;
    }
}
