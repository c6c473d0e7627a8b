package io.lockstep.agent.rsync;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The first bytes of what a process prints, as text that is safe to log. Safe for use by several threads. */
final class BoundedText {
    /** How many bytes are kept; the rest is counted only. */
    static final int MAX_BYTES = 8 * 1024;

    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long droppedBytes;

    /** Keeps of these bytes what still fits. */
    synchronized void append(byte[] bytes, int length) {
        int fitting = Math.min(length, MAX_BYTES - kept.size());
        kept.write(bytes, 0, fitting);
        droppedBytes += length - fitting;
    }

    /** Keeps a line of this agent's own. */
    void append(String line) {
        var bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        append(bytes, bytes.length);
    }

    /** What was kept, with line ends as they are and every other control character escaped. */
    synchronized String text() {
        var text = escape(kept.toString(StandardCharsets.UTF_8));
        return droppedBytes == 0 ? text : text + "\n(" + droppedBytes + " more bytes were dropped)";
    }

    /** Replaces control and invisible characters except line ends by {@code \\uHHHH}, so that no log can be forged. */
    static String escape(String text) {
        var out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == '\n' || !isInvisible(c)) {
                out.appendCodePoint(c);
            } else {
                out.append("\\u").append(HexFormat.of().toHexDigits(c, c > 0xffff ? 6 : 4));
            }
        });
        return out.toString();
    }

    private static boolean isInvisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }
}
