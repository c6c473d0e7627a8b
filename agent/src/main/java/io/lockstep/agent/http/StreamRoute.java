package io.lockstep.agent.http;

/**
 * Where raw streams of one kind are served: {@code GET path} on the control port with {@code Connection: Upgrade} and
 * {@code Upgrade: protocol} (RFC 9110, section 7.8). After 101 the client sends a 4-byte big-endian length and as many
 * bytes of payload; then both sides send whatever they like.
 *
 * @param path the exact path, such as {@code /v1/rsync}
 * @param protocol the protocol's name, such as {@code lockstep-rsync}
 * @param service what serves it
 */
public record StreamRoute(String path, String protocol, StreamService service) {}
