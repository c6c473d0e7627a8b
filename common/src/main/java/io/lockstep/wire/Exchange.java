package io.lockstep.wire;

import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.MemberView;
import java.util.List;
import java.util.Objects;

/**
 * What two members tell each other, in both directions of {@code POST /v1/exchange}.
 *
 * @param member the sender's view of itself
 * @param hints paths that changed on the sender's mount since its last exchange, at most {@value #MAX_HINTS}; the
 *     receiver looks there at once. Hints are no facts
 */
public record Exchange(MemberView member, List<EntryPath> hints) {
    /** The most hints in one exchange; a sender with more sends the first and leaves the rest to the next scan. */
    public static final int MAX_HINTS = 200;

    public Exchange {
        Objects.requireNonNull(member, "an exchange lacks the member");
        hints = List.copyOf(hints);
        if (hints.size() > MAX_HINTS) {
            throw new IllegalArgumentException("an exchange has at most " + MAX_HINTS + " hints, not " + hints.size());
        }
    }
}
