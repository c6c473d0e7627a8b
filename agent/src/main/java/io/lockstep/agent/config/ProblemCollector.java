package io.lockstep.agent.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** Collects each value of a wrong type and goes on, so that one run reports them all. */
final class ProblemCollector extends DeserializationProblemHandler {
    private final List<Problem> problems;

    ProblemCollector(List<Problem> problems) {
        this.problems = problems;
    }

    @Override
    public @Nullable Object handleWeirdStringValue(
            DeserializationContext context, Class<?> type, String value, String wanted) {
        return note(context.getParser(), type, value, wanted);
    }

    @Override
    public @Nullable Object handleWeirdNumberValue(
            DeserializationContext context, Class<?> type, Number value, String wanted) {
        return note(context.getParser(), type, value.toString(), wanted);
    }

    @Override
    public @Nullable Object handleUnexpectedToken(
            DeserializationContext context, JavaType type, JsonToken token, JsonParser parser, @Nullable String wanted)
            throws java.io.IOException {
        return note(parser, type.getRawClass(), parser.getText(), wanted);
    }

    private @Nullable Object note(JsonParser parser, Class<?> type, String value, @Nullable String wanted) {
        problems.add(new Problem(key(parser), "is '" + value + "', not " + wanted(type, wanted), "Correct the value"));
        if (type == int.class) {
            return 0;
        }
        return type == double.class ? 0.0 : null;
    }

    private static String wanted(Class<?> type, @Nullable String wanted) {
        if (type == int.class) {
            return "a whole number";
        }
        if (type == double.class) {
            return "a number, such as 0.2";
        }
        if (type == Level.class) {
            return "one of ERROR, WARN, INFO, DEBUG, TRACE";
        }
        if (type == URI.class) {
            return "a URL such as https://10.0.0.1:9881";
        }
        return wanted == null ? "a " + type.getSimpleName() : wanted;
    }

    /** Where the parser is: {@code trees[0].live}. */
    static String key(JsonParser parser) {
        return key(parser.getParsingContext().pathAsPointer().toString());
    }

    private static String key(String pointer) {
        return pointer.replaceAll("/(\\d+)", "[$1]").replace('/', '.').replaceFirst("^\\.", "");
    }
}
