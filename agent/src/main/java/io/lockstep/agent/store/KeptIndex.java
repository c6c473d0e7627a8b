package io.lockstep.agent.store;

import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Which kept file has which content, in memory, so that no lookup reads every description. It is only a hint: who finds
 * a file by it reads the description, and digests the bytes before they are used. For one thread at a time.
 */
final class KeptIndex {
    private final NavigableMap<GenerationId, Group> groups = new TreeMap<>();

    /** Where a file lies. */
    record Place(GenerationId generation, long number) {}

    private record Group(long mtimeNanos, Map<Digest, List<Long>> numbers, long bytes) {}

    /** Forgets every generation but these. */
    void retain(Collection<GenerationId> generations) {
        groups.keySet().retainAll(generations);
    }

    /** Whether what is known of a generation is of a directory with this time. */
    boolean isFresh(GenerationId generation, long mtimeNanos) {
        var known = groups.get(generation);
        return known != null && known.mtimeNanos() == mtimeNanos;
    }

    void put(GenerationId generation, long mtimeNanos, List<KeptEntry> entries) {
        var numbers = new HashMap<Digest, List<Long>>();
        long bytes = 0;
        for (var entry : entries) {
            bytes += entry.sizeBytes();
            entry.digest()
                    .ifPresent(digest -> numbers.computeIfAbsent(digest, key -> new ArrayList<>(1))
                            .add(entry.number()));
        }
        groups.put(generation, new Group(mtimeNanos, numbers, bytes));
    }

    /** The files with this content, newest generation first. */
    List<Place> find(Digest digest) {
        var places = new ArrayList<Place>();
        groups.descendingMap().forEach((generation, group) -> {
            for (long number : group.numbers().getOrDefault(digest, List.of())) {
                places.add(new Place(generation, number));
            }
        });
        return places;
    }

    /** How many bytes the files of each generation have together, newest generation first. */
    Map<GenerationId, Long> sizes() {
        var sizes = new LinkedHashMap<GenerationId, Long>();
        groups.descendingMap().forEach((generation, group) -> sizes.put(generation, group.bytes()));
        return sizes;
    }
}
