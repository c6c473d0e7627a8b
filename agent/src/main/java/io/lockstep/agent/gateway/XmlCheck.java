package io.lockstep.agent.gateway;

import io.lockstep.generation.HeldBack.Why;
import java.io.IOException;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;

/**
 * Whether content is well-formed XML with namespaces, and has no DOCTYPE: a Gateway that reads one may expand its
 * entities or fetch what it names. Any encoding that the JDK's parser detects is legal, a byte order mark too.
 */
final class XmlCheck {
    /**
     * Larger documents are not checked. The parser keeps an attribute, a comment or a name as a whole, so that this
     * bounds its memory to some ten times as much. A Gateway's artifacts are some KiB, an API with its definition some
     * hundred.
     */
    static final int MAX_BYTES = 8 * 1024 * 1024;

    private XmlCheck() {}

    static Verdict check(Content content) throws IOException {
        if (content.sizeBytes() == 0) {
            return invalid("it is empty");
        }
        if (content.sizeBytes() > MAX_BYTES) {
            return new Verdict.NotChecked("larger than " + MAX_BYTES + " bytes");
        }
        var stream = new ContentStream(content);
        try {
            return parse(stream);
        } catch (XMLStreamException e) {
            stream.rethrowFailure();
            return invalid(describe(e));
        } catch (RuntimeException e) {
            // The JDK's parser lets unchecked exceptions of its inner layers through, on input that it can't read.
            stream.rethrowFailure();
            return invalid("the parser gave up with " + e.getClass().getSimpleName());
        }
    }

    private static Verdict parse(ContentStream stream) throws XMLStreamException {
        var reader = XmlInput.open(stream);
        try {
            while (reader.hasNext()) {
                int event = reader.next();
                if (event == XMLStreamConstants.DTD) {
                    return invalid("it has a DOCTYPE");
                }
                if (event == XMLStreamConstants.ENTITY_REFERENCE) {
                    return invalid("line " + reader.getLocation().getLineNumber() + ": an entity that nothing declares");
                }
            }
            return new Verdict.Valid();
        } finally {
            reader.close();
        }
    }

    private static Verdict invalid(String detail) {
        return new Verdict.Invalid(Why.INVALID_XML, detail);
    }

    /** The parser's words, and the line, without its preamble. */
    private static String describe(XMLStreamException e) {
        var text = String.valueOf(e.getMessage());
        int start = text.indexOf("Message: ");
        var words = start < 0 ? text : text.substring(start + "Message: ".length());
        var location = e.getLocation();
        return location == null || location.getLineNumber() < 0
                ? words
                : "line " + location.getLineNumber() + ": " + words;
    }
}
