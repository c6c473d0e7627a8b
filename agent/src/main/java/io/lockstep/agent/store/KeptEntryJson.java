package io.lockstep.agent.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.artifact.EntryPath;
import io.lockstep.artifact.EntryType;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * The line of JSON that describes what is kept: {@code path}, {@code type}, {@code digest} (or absent), {@code
 * sizeBytes}, {@code mode} (octal text), {@code mtimeNanos}, {@code when}, {@code why}, {@code generation}. The path is
 * escaped as {@link EntryPath#toString()} does.
 */
final class KeptEntryJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private KeptEntryJson() {}

    static byte[] write(KeptEntry entry) {
        var node = MAPPER.createObjectNode()
                .put("path", entry.path().toString())
                .put("type", entry.type().name());
        entry.digest().ifPresent(digest -> node.put("digest", digest.toString()));
        node.put("sizeBytes", entry.sizeBytes())
                .put("mode", "0" + Integer.toOctalString(entry.mode()))
                .put("mtimeNanos", entry.mtimeNanos())
                .put("when", entry.when().toString())
                .put("why", entry.why().name())
                .put("generation", entry.generation().toString());
        try {
            return (MAPPER.writeValueAsString(node) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values can't be written as JSON", e);
        }
    }

    /** What {@link #write} wrote; empty when the bytes are anything else. */
    static Optional<KeptEntry> read(byte[] line, long number, Path content) {
        try {
            var node = MAPPER.readTree(line);
            var digest = node.path("digest");
            return Optional.of(new KeptEntry(
                    GenerationId.parse(text(node, "generation")),
                    number,
                    EntryPath.parse(text(node, "path")),
                    EntryType.valueOf(text(node, "type")),
                    digest.isMissingNode() ? Optional.empty() : Optional.of(Digest.parse(digest.asText())),
                    node.path("sizeBytes").asLong(),
                    Integer.parseInt(text(node, "mode"), 8),
                    node.path("mtimeNanos").asLong(),
                    Instant.parse(text(node, "when")),
                    KeptEntry.Why.valueOf(text(node, "why")),
                    content));
        } catch (IOException | IllegalArgumentException | DateTimeException notADescription) {
            return Optional.empty();
        }
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asText();
    }
}
