package io.lockstep.agent.gateway;

import java.io.IOException;
import java.io.InputStream;
import javax.xml.XMLConstants;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.DefaultHandler;

/**
 * Reads XML of unknown origin: a DOCTYPE is refused where it begins, so that no DTD is read, no entity is expanded and
 * nothing is fetched. It is the JDK's own parser, asked for by name, because another one on the class path would have
 * other limits; and through SAX, because its StAX front prints malformed bytes to the standard error.
 */
final class XmlParser {
    /** A document with deeper elements is refused: a parser keeps something for each level. */
    static final int MAX_DEPTH = 1_000;

    /** As of JDK 17; later JDKs have other defaults, and a verdict must not depend on the JDK. */
    private static final int MAX_ATTRIBUTES = 10_000;

    private static final int MAX_NAME = 1_000;
    private static final String LIMITS = "http://www.oracle.com/xml/jaxp/properties/";
    private static final String NO_DOCTYPE = "http://apache.org/xml/features/disallow-doctype-decl";

    private XmlParser() {}

    /** What is told of a document: elements, and nothing where it is not well-formed. */
    abstract static class Handler extends DefaultHandler {
        @Override
        public void fatalError(SAXParseException e) throws SAXParseException {
            throw e;
        }

        @Override
        public InputSource resolveEntity(String publicId, String systemId) throws SAXException {
            throw new SAXException("nothing is fetched: " + systemId);
        }
    }

    /**
     * Reads a document to its end.
     *
     * @throws SAXException when it is not well-formed, or beyond a limit
     */
    static void parse(InputStream in, Handler handler) throws SAXException, IOException {
        var factory = SAXParserFactory.newDefaultNSInstance();
        try {
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature(NO_DOCTYPE, true);
            var parser = factory.newSAXParser();
            parser.setProperty(LIMITS + "elementAttributeLimit", String.valueOf(MAX_ATTRIBUTES));
            parser.setProperty(LIMITS + "maxXMLNameLimit", String.valueOf(MAX_NAME));
            parser.setProperty(LIMITS + "maxElementDepth", String.valueOf(MAX_DEPTH));
            parser.parse(in, handler);
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("the JDK's XML parser lacks a feature", e);
        }
    }
}
