package io.lockstep.agent.config;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;

/** How configuration values are written: durations with a unit, paths as plain text, keys once. */
final class ConfigurationMapper {
    /** The reader's attribute that holds the directory from which relative paths are taken. */
    static final String BASE = "io.lockstep.base";

    private ConfigurationMapper() {}

    /** Reads a file's text into a tree; a key given twice is an error. */
    static YAMLMapper yaml() {
        return YAMLMapper.builder(YAMLFactory.builder()
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build())
                .build();
    }

    /** Turns trees into records and records into trees. */
    static JsonMapper values() {
        var module = new SimpleModule("configuration");
        module.addDeserializer(Duration.class, new DurationReader());
        module.addDeserializer(Path.class, new PathReader());
        module.addDeserializer(ShareLocation.class, new ShareReader());
        module.addSerializer(Duration.class, new DurationWriter());
        module.addSerializer(Path.class, new PathWriter());
        module.addSerializer(ShareLocation.class, new ShareWriter());
        return JsonMapper.builder()
                .addModule(module)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .build();
    }

    private static final class DurationReader extends StdScalarDeserializer<Duration> {
        DurationReader() {
            super(Duration.class);
        }

        @Override
        public Duration deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            var text = parser.getText();
            try {
                return DurationText.parse(text);
            } catch (IllegalArgumentException e) {
                return (Duration) context.handleWeirdStringValue(
                        Duration.class, text, "a whole number and a unit of ms, s, m, h or d, such as 30s");
            }
        }
    }

    private static final class PathReader extends StdScalarDeserializer<Path> {
        PathReader() {
            super(Path.class);
        }

        @Override
        public Path deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            var text = parser.getText();
            try {
                if (!text.isBlank()) {
                    return ((Path) context.getAttribute(BASE)).resolve(text).normalize();
                }
            } catch (InvalidPathException e) {
                return (Path) context.handleWeirdStringValue(Path.class, text, "a path (" + e.getReason() + ")");
            }
            return (Path) context.handleWeirdStringValue(Path.class, text, "a path");
        }
    }

    private static final class ShareReader extends StdScalarDeserializer<ShareLocation> {
        ShareReader() {
            super(ShareLocation.class);
        }

        @Override
        public ShareLocation deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            var text = parser.getText();
            try {
                if (!text.isBlank()) {
                    return ShareLocation.parse(text, (Path) context.getAttribute(BASE));
                }
            } catch (InvalidPathException e) {
                return weird(context, text, "a path (" + e.getReason() + ")");
            } catch (IllegalArgumentException e) {
                return weird(context, ShareLocation.withoutPassword(text), String.valueOf(e.getMessage()));
            }
            return weird(context, text, "a path or a URI");
        }

        private static ShareLocation weird(DeserializationContext context, String text, String wanted)
                throws IOException {
            return (ShareLocation) context.handleWeirdStringValue(ShareLocation.class, text, wanted);
        }
    }

    private static final class DurationWriter extends StdScalarSerializer<Duration> {
        DurationWriter() {
            super(Duration.class);
        }

        @Override
        public void serialize(Duration value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(DurationText.format(value));
        }
    }

    private static final class ShareWriter extends StdScalarSerializer<ShareLocation> {
        ShareWriter() {
            super(ShareLocation.class);
        }

        @Override
        public void serialize(ShareLocation value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(value.toString());
        }
    }

    private static final class PathWriter extends StdScalarSerializer<Path> {
        PathWriter() {
            super(Path.class);
        }

        @Override
        public void serialize(Path value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(value.toString());
        }
    }
}
