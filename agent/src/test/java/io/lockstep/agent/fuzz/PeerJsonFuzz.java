package io.lockstep.agent.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.agent.json.Json;
import io.lockstep.wire.Exchange;
import io.lockstep.wire.LogPage;
import io.lockstep.wire.LogRecord;
import io.lockstep.wire.PullRequest;
import io.lockstep.wire.TrieAnswers;
import io.lockstep.wire.TrieQuestions;
import java.io.CharConversionException;
import java.io.IOException;
import java.util.List;

/** A member's message of any bytes is refused as JSON, or is a value whose fields are all there. */
public final class PeerJsonFuzz {
    private static final ObjectMapper JSON = Json.mapper();
    private static final List<Class<?>> MESSAGES = List.of(
            Exchange.class, LogPage.class, LogRecord.class, PullRequest.class, TrieQuestions.class, TrieAnswers.class);

    private PeerJsonFuzz() {}

    /** Called by the fuzzer with each input; the first byte says which message it is taken for. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        var type = MESSAGES.get(Math.floorMod(input[0], MESSAGES.size()));
        try {
            var message = JSON.readValue(input, 1, input.length - 1, type);
            if (message instanceof LogRecord log) {
                log.toEntry();
            } else if (message instanceof LogPage page) {
                page.records().forEach(LogRecord::toEntry);
            }
            // What was read can be written and read again: no field is missing or out of range.
            if (message != null && !message.equals(JSON.readValue(JSON.writeValueAsBytes(message), type))) {
                throw new IllegalStateException("not the same once written and read: " + message);
            }
        } catch (JsonProcessingException | CharConversionException refused) {
            // That is the answer to foreign bytes.
        } catch (IllegalArgumentException outOfRange) {
            // Of an entry of the log only: the follower refuses it.
            if (type != LogRecord.class && type != LogPage.class) {
                throw outOfRange;
            }
        }
    }
}
