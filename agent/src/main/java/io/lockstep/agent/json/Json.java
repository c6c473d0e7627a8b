package io.lockstep.agent.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import java.io.IOException;
import java.util.function.Function;

/**
 * Makes the mapper: instants as ISO 8601, digests as hexadecimal digits, paths in {@link EntryPath#toString()}'s
 * escaped form, generations as {@code epoch.seq}. Unknown properties are ignored, so that a newer peer may say more; a
 * value that is missing or out of range fails as a {@link com.fasterxml.jackson.core.JsonProcessingException}.
 */
public final class Json {
    private Json() {}

    /** A new mapper; safe for any thread once it is configured. */
    public static ObjectMapper mapper() {
        return configure(new ObjectMapper());
    }

    /** Gives an existing mapper the same forms. */
    public static ObjectMapper configure(ObjectMapper mapper) {
        return mapper.registerModule(new Jdk8Module())
                .registerModule(new JavaTimeModule())
                .registerModule(domain())
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
    }

    private static SimpleModule domain() {
        var module = new SimpleModule("lockstep");
        text(module, Digest.class, Digest::parse);
        text(module, EntryPath.class, EntryPath::parse);
        text(module, NodeName.class, NodeName::new);
        text(module, GenerationId.class, GenerationId::parse);
        return module;
    }

    /** Writes values of a type by their toString, and reads them by {@code parse}. */
    private static <T> void text(SimpleModule module, Class<T> type, Function<String, T> parse) {
        module.addSerializer(type, new JsonSerializer<>() {
            @Override
            public void serialize(T value, JsonGenerator out, SerializerProvider provider) throws IOException {
                out.writeString(value.toString());
            }
        });
        module.addDeserializer(type, new JsonDeserializer<>() {
            @Override
            public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
                var text = in.getValueAsString("");
                try {
                    return parse.apply(text);
                } catch (IllegalArgumentException e) {
                    throw context.weirdStringException(text, type, String.valueOf(e.getMessage()));
                }
            }
        });
    }
}
