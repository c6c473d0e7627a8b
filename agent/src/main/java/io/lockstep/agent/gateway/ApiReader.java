package io.lockstep.agent.gateway;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.TreeSet;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads the facts of an API's file. */
public final class ApiReader {
    private ApiReader() {}

    /** The facts; empty when it is no API, or can't be read as one. */
    public static Optional<ApiFacts> read(Content content) throws IOException {
        if (content.sizeBytes() > XmlCheck.MAX_BYTES) {
            return Optional.empty();
        }
        var stream = new ContentStream(content);
        try {
            return read(XmlInput.open(stream));
        } catch (XMLStreamException | RuntimeException noXml) {
            // Its verdict says what is wrong with it.
            stream.rethrowFailure();
            return Optional.empty();
        }
    }

    private static Optional<ApiFacts> read(XMLStreamReader reader) throws XMLStreamException {
        Optional<ApiFacts> api = Optional.empty();
        var endpoints = new TreeSet<String>();
        var sequences = new TreeSet<String>();
        while (reader.hasNext()) {
            int event = reader.next();
            if (event == XMLStreamConstants.DTD) {
                return Optional.empty();
            }
            if (event != XMLStreamConstants.START_ELEMENT) {
                continue;
            }
            var element = reader.getLocalName();
            if (api.isEmpty()) {
                var name = reader.getAttributeValue(null, "name");
                if (!element.equals("api") || name == null) {
                    return Optional.empty();
                }
                var version = Optional.ofNullable(reader.getAttributeValue(null, "version"));
                api = Optional.of(new ApiFacts(name, version.orElse(""), new ArrayList<>(), new ArrayList<>()));
            } else if (endpoints.size() + sequences.size() < ApiFacts.MAX_KEYS) {
                var key = Optional.ofNullable(reader.getAttributeValue(null, "key"));
                switch (element) {
                    case "endpoint" -> key.ifPresent(endpoints::add);
                    case "sequence" -> key.ifPresent(sequences::add);
                    default -> {}
                }
            }
        }
        return api.map(read ->
                new ApiFacts(read.name(), read.version(), new ArrayList<>(endpoints), new ArrayList<>(sequences)));
    }
}
