package io.lockstep.agent.peer;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The status line and the header fields of an HTTP/1.1 response (RFC 9112), read strictly and within limits.
 *
 * @param fields values by name in lower case; repeated fields joined with a comma
 */
record ResponseHead(int status, Map<String, String> fields) {
    private static final int LIMIT_BYTES = 16 << 10;
    private static final int BODY_LIMIT_BYTES = 64 << 10;
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.1 ([1-5][0-9]{2})( [\\t\\x20-\\x7e]*)?");
    private static final Pattern FIELD =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*([\\t\\x20-\\xff]*?)[ \\t]*");

    /** Reads up to the empty line and not a byte more. */
    static ResponseHead read(InputStream in) throws IOException {
        int[] left = {LIMIT_BYTES};
        Matcher statusLine = STATUS_LINE.matcher(line(in, left));
        if (!statusLine.matches()) {
            throw new ProtocolException("the answer is not HTTP/1.1; check the port");
        }
        Map<String, String> fields = new HashMap<>();
        for (String line = line(in, left); !line.isEmpty(); line = line(in, left)) {
            Matcher field = FIELD.matcher(line);
            if (!field.matches()) {
                throw new ProtocolException("the answer has a malformed header field");
            }
            fields.merge(field.group(1).toLowerCase(Locale.ROOT), field.group(2), (a, b) -> a + ", " + b);
        }
        return new ResponseHead(Integer.parseInt(statusLine.group(1)), Map.copyOf(fields));
    }

    /** Throws unless the response switches to {@code protocol}. */
    void requireUpgrade(String protocol) throws ProtocolException {
        boolean switches = fields.getOrDefault("upgrade", "").equalsIgnoreCase(protocol)
                && fields.getOrDefault("connection", "").equalsIgnoreCase("upgrade");
        if (!switches) {
            throw new ProtocolException("the answer 101 does not switch to " + protocol);
        }
    }

    /** The body, as far as it has a length, up to a limit that any refusal fits in. */
    byte[] readBody(InputStream in) throws IOException {
        String length = fields.getOrDefault("content-length", "0");
        if (!length.matches("[0-9]{1,9}")) {
            throw new ProtocolException("the answer has a malformed length");
        }
        return in.readNBytes(Math.min(Integer.parseInt(length), BODY_LIMIT_BYTES));
    }

    private static String line(InputStream in, int[] left) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the connection ended within the answer");
            }
            if (left[0]-- == 0) {
                throw new ProtocolException("the answer's header is larger than " + LIMIT_BYTES + " bytes");
            }
            if (next == '\n' && line.length() > 0 && line.charAt(line.length() - 1) == '\r') {
                line.setLength(line.length() - 1);
                return line.toString();
            }
            line.append((char) next);
        }
    }
}
