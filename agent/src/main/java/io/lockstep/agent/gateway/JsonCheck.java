package io.lockstep.agent.gateway;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.lockstep.generation.HeldBack.Why;
import java.io.IOException;

/**
 * Whether JSON text comes to its end. A Gateway reads its JSON with a lenient parser, which takes comments, single
 * quotes and more, so that only what ends in the middle, or has no value at all, is surely invalid.
 */
final class JsonCheck {
    /** Larger texts are not checked. */
    static final int MAX_BYTES = 8 * 1024 * 1024;

    private static final int MAX_DEPTH = 1_000;

    private JsonCheck() {}

    static Verdict check(Content content) throws IOException {
        if (content.sizeBytes() > MAX_BYTES) {
            return new Verdict.NotChecked("larger than " + MAX_BYTES + " bytes");
        }
        var stream = new ContentStream(content);
        try (var parser = factory().createParser(stream)) {
            boolean hasValue = false;
            while (parser.nextToken() != null) {
                hasValue = true;
            }
            return hasValue ? new Verdict.Valid() : invalid("it has no value");
        } catch (JsonProcessingException e) {
            var line = e.getLocation() == null ? "?" : e.getLocation().getLineNr();
            return isAtTheEnd(e)
                    ? invalid("it ends in the middle, in line " + line)
                    : new Verdict.NotChecked("not strict JSON in line " + line);
        } catch (IOException e) {
            stream.rethrowFailure();
            return new Verdict.NotChecked("in no encoding of JSON");
        }
    }

    /** After a comma the parser says it in words alone, and not by the exception's type. */
    private static boolean isAtTheEnd(JsonProcessingException e) {
        return e instanceof JsonEOFException
                || String.valueOf(e.getOriginalMessage()).startsWith("Unexpected end-of-input");
    }

    private static Verdict invalid(String detail) {
        return new Verdict.Invalid(Why.INVALID_JSON, detail);
    }

    private static JsonFactory factory() {
        return JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxStringLength(MAX_BYTES)
                        .build())
                .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
                .enable(JsonReadFeature.ALLOW_YAML_COMMENTS)
                .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
                .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
                .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
                .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
                .enable(JsonReadFeature.ALLOW_LEADING_ZEROS_FOR_NUMBERS)
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .build();
    }
}
