package io.lockstep.agent.loop;

import io.lockstep.cluster.NodeName;
import io.lockstep.generation.Generation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Which members sent what was not a generation's, and are not asked for that generation for a while. */
final class Rejections {
    /** For how long a member is not asked again: long enough not to move the same bytes all the time. */
    static final Duration LEFT_OUT = Duration.ofMinutes(2);

    /** At most one a member: the last. */
    private final Map<NodeName, LeftOut> leftOut = new TreeMap<>();

    private record LeftOut(Generation generation, Rejection rejection, Instant until) {
        String text() {
            return rejection.peer() + " " + rejection.text() + "; it is not asked for generation " + generation.id()
                    + " for " + LEFT_OUT.toMinutes() + " minutes: check its replica's disk";
        }
    }

    void add(Generation generation, List<Rejection> rejections, Instant now) {
        rejections.forEach(
                rejection -> leftOut.put(rejection.peer(), new LeftOut(generation, rejection, now.plus(LEFT_OUT))));
    }

    /** Forgets whose time is over. */
    void expire(Instant now) {
        leftOut.values().removeIf(left -> !now.isBefore(left.until()));
    }

    /** Those of the members that may be asked for the generation. */
    List<NodeName> allowed(List<NodeName> members, Generation generation) {
        return members.stream()
                .filter(member -> Optional.ofNullable(leftOut.get(member))
                        .filter(left -> left.generation().equals(generation))
                        .isEmpty())
                .toList();
    }

    /** Who is left out, and why, for people; empty when nobody is. */
    Optional<String> problem() {
        return leftOut.isEmpty()
                ? Optional.empty()
                : Optional.of(leftOut.values().stream().map(LeftOut::text).collect(Collectors.joining("; ")));
    }
}
