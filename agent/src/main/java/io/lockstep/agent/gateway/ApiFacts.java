package io.lockstep.agent.gateway;

import java.util.List;

/**
 * What an API's file says of itself and of what it needs.
 *
 * @param name the API's; what a Gateway registers it by, together with {@code version}
 * @param version empty when it has none, or when the name holds it
 * @param endpoints the keys by which it names endpoints, sorted, each once
 * @param sequences the keys by which it names sequences, sorted, each once
 */
public record ApiFacts(String name, String version, List<String> endpoints, List<String> sequences) {
    /** More keys than any API has; the rest is not looked for. */
    static final int MAX_KEYS = 1_000;

    public ApiFacts {
        endpoints = List.copyOf(endpoints);
        sequences = List.copyOf(sequences);
    }

    /** What a Gateway holds two APIs to be the same by. */
    String identity() {
        return version.isEmpty() ? name : name + ":v" + version;
    }
}
