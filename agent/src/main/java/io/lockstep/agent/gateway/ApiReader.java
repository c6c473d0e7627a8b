package io.lockstep.agent.gateway;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.TreeSet;
import org.xml.sax.Attributes;
import org.xml.sax.SAXException;

/** Reads the facts of an API's file. */
public final class ApiReader {
    private ApiReader() {}

    /** The facts; empty when it is no API, or can't be read as one. */
    public static Optional<ApiFacts> read(Content content) throws IOException {
        if (content.sizeBytes() > XmlCheck.MAX_BYTES) {
            return Optional.empty();
        }
        var stream = new ContentStream(content);
        var handler = new ApiHandler();
        try {
            XmlParser.parse(stream, handler);
            return handler.facts();
        } catch (IOException | SAXException | RuntimeException noXml) {
            // Its verdict says what is wrong with it.
            stream.rethrowFailure();
            return Optional.empty();
        }
    }

    /** Gathers the root element's attributes and the keys of endpoints and sequences. */
    private static final class ApiHandler extends XmlParser.Handler {
        private final TreeSet<String> endpoints = new TreeSet<>();
        private final TreeSet<String> sequences = new TreeSet<>();
        private Optional<String> name = Optional.empty();
        private String version = "";
        private boolean isBelowRoot;

        @Override
        public void startElement(String uri, String element, String qualified, Attributes attributes) {
            if (!isBelowRoot) {
                isBelowRoot = true;
                if (element.equals("api")) {
                    name = Optional.ofNullable(attributes.getValue("name"));
                    version =
                            Optional.ofNullable(attributes.getValue("version")).orElse("");
                }
                return;
            }
            var key = attributes.getValue("key");
            if (key != null && endpoints.size() + sequences.size() < ApiFacts.MAX_KEYS) {
                switch (element) {
                    case "endpoint" -> endpoints.add(key);
                    case "sequence" -> sequences.add(key);
                    default -> {}
                }
            }
        }

        Optional<ApiFacts> facts() {
            return name.map(api -> new ApiFacts(api, version, new ArrayList<>(endpoints), new ArrayList<>(sequences)));
        }
    }
}
