package io.lockstep.agent.http;

import java.util.Map;

/**
 * What is known of a raw stream before it opens.
 *
 * @param peer the authenticated name of the caller
 * @param query the decoded parameters of the request's target
 */
public record StreamHead(String peer, Map<String, String> query) {
    public StreamHead {
        query = Map.copyOf(query);
    }
}
