package io.lockstep.agent.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.GenerationId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which path each temporary name of an apply belongs to: a line of JSON for the generation, then one for each step. It
 * lies in the tmp directory, durable before the first step, and goes when the directory holds nothing else.
 */
final class Journal {
    static final String NAME = "journal";

    /** A journal of the most entries that a manifest may have fits. */
    private static final int MAX_BYTES = 1 << 30;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Journal() {}

    /** What an apply was about to do; the step with number n is the n-th. */
    record Content(GenerationId generation, List<EntryPath> paths) {
        Optional<EntryPath> path(long number) {
            return number >= 0 && number < paths.size() ? Optional.of(paths.get((int) number)) : Optional.empty();
        }
    }

    static void write(OpenDirectory tmp, GenerationId generation, List<EntryPath> steps) throws DiskException {
        var lines = new StringBuilder();
        try {
            lines.append("{\"generation\":\"").append(generation).append("\"}\n");
            for (var path : steps) {
                lines.append("{\"path\":")
                        .append(MAPPER.writeValueAsString(path.toString()))
                        .append("}\n");
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text can't be written as JSON", e);
        }
        tmp.replaceFile(NAME, lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The journal there; empty when there is none, or it is not one of ours. */
    static Optional<Content> read(OpenDirectory tmp) throws DiskException {
        var name = OpenDirectory.bytesOf(NAME);
        if (tmp.look(name).filter(EntryLook::isFile).isEmpty()) {
            return Optional.empty();
        }
        try (var file = tmp.openFile(name)) {
            var lines = new String(file.readUpTo(MAX_BYTES), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            if (lines.isEmpty()) {
                return Optional.empty();
            }
            var generation = GenerationId.parse(
                    MAPPER.readTree(lines.get(0)).path("generation").asText());
            var paths = new ArrayList<EntryPath>(lines.size());
            for (int i = 1; i < lines.size(); i++) {
                paths.add(EntryPath.parse(
                        MAPPER.readTree(lines.get(i)).path("path").asText()));
            }
            return Optional.of(new Content(generation, paths));
        } catch (IOException | IllegalArgumentException notOurs) {
            return Optional.empty();
        }
    }
}
