package io.lockstep.agent.gateway;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The values that were last asked for, at most a fixed number. For several threads. */
public final class BoundedCache<K, V> {
    private final Map<K, V> values;

    public BoundedCache(int maxEntries) {
        values = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > maxEntries;
            }
        };
    }

    public synchronized Optional<V> get(K key) {
        return Optional.ofNullable(values.get(key));
    }

    public synchronized void put(K key, V value) {
        values.put(key, value);
    }
}
