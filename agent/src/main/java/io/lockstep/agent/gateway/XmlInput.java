package io.lockstep.agent.gateway;

import java.io.InputStream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Opens XML of unknown origin with the JDK's own StAX parser: no DTD is read, no entity is expanded, nothing is fetched.
 * The parser is asked for by name, because another one on the class path would have other limits.
 */
final class XmlInput {
    /** A document with deeper elements is refused: a parser keeps something for each level. */
    static final int MAX_DEPTH = 1_000;

    /** As of JDK 17; later JDKs have other defaults, and a verdict must not depend on the JDK. */
    private static final int MAX_ATTRIBUTES = 10_000;

    private static final int MAX_NAME = 1_000;
    private static final String LIMITS = "http://www.oracle.com/xml/jaxp/properties/";

    private XmlInput() {}

    static XMLStreamReader open(InputStream in) throws XMLStreamException {
        var factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, true);
        factory.setProperty(XMLInputFactory.IS_VALIDATING, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, false);
        factory.setProperty(LIMITS + "elementAttributeLimit", String.valueOf(MAX_ATTRIBUTES));
        factory.setProperty(LIMITS + "maxXMLNameLimit", String.valueOf(MAX_NAME));
        factory.setProperty(LIMITS + "maxElementDepth", String.valueOf(MAX_DEPTH));
        factory.setXMLResolver((publicId, systemId, baseUri, namespace) -> {
            throw new XMLStreamException("nothing is fetched: " + systemId);
        });
        return factory.createXMLStreamReader(in);
    }
}
