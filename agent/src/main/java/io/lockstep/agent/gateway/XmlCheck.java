package io.lockstep.agent.gateway;

import io.lockstep.generation.HeldBack.Why;
import java.io.IOException;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

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
            XmlParser.parse(stream, new XmlParser.Handler() {});
            return new Verdict.Valid();
        } catch (SAXParseException e) {
            stream.rethrowFailure();
            return invalid("line " + e.getLineNumber() + ": " + e.getMessage());
        } catch (SAXException e) {
            stream.rethrowFailure();
            return invalid(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            stream.rethrowFailure();
            return invalid("it is in no encoding that can be read: " + e.getMessage());
        } catch (RuntimeException e) {
            // The parser lets unchecked exceptions of its inner layers through, on input that it can't read.
            stream.rethrowFailure();
            return invalid("the parser gave up with " + e.getClass().getSimpleName());
        }
    }

    private static Verdict invalid(String detail) {
        return new Verdict.Invalid(Why.INVALID_XML, detail);
    }
}
