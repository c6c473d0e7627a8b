package io.lockstep.agent.peer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A refusal's {@code {"error","remedy"}}, read from any body.
 *
 * @param error the words, or the start of a body that is no such JSON
 * @param remedy the words, or empty
 */
record RefusalText(String error, String remedy) {
    private static final int SHOWN_CHARACTERS = 200;

    static RefusalText parse(ObjectMapper json, int status, byte[] body) {
        try {
            JsonNode tree = json.readTree(body);
            if (tree != null && tree.path("error").isTextual()) {
                return new RefusalText(
                        shown(tree.path("error").asText()),
                        shown(tree.path("remedy").asText("")));
            }
            return new RefusalText("status " + status + " without words", "");
        } catch (JsonProcessingException e) {
            String text = new String(body, StandardCharsets.UTF_8);
            return new RefusalText("status " + status + " and not JSON: " + shown(text), "");
        } catch (IOException e) {
            throw new IllegalStateException("a byte array can always be read", e);
        }
    }

    /** A peer's words go to logs and terminals: no control characters, and not without end. */
    private static String shown(String text) {
        String cut = text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
        return cut.replaceAll("\\p{Cntrl}", " ");
    }
}
