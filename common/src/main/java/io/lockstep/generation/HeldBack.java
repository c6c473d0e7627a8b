package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;

/**
 * A path that keeps what the reference has, although the authority shows something else.
 *
 * @param detail what exactly was found, for people; may be empty, at most {@value #MAX_DETAIL} characters
 */
public record HeldBack(EntryPath path, Why why, String detail) {
    /** The longest detail; what is longer is cut. */
    public static final int MAX_DETAIL = 200;

    /** Why a path is held back. The names are a contract: more may come, none changes. */
    public enum Why {
        /** Two looks did not see the same, or it changed while it was read. */
        UNSETTLED("keeps changing, or a file of its artifact does"),
        /** A process of the manager's host has the file open for writing. */
        BEING_WRITTEN("is open for writing"),
        /** There, and could not be read. */
        UNREADABLE("can't be read"),
        /** A link, FIFO, socket or device. */
        SPECIAL("is no file and no directory"),
        /** A Gateway could not deploy it and renamed it. */
        BACKED_UP("was renamed to *.back by a Gateway"),
        /** The directory above is not in the generation yet. */
        NO_DIRECTORY("waits for its directory"),
        /** Not well-formed XML, or XML with a DOCTYPE. */
        INVALID_XML("is not well-formed XML"),
        /** No whole ZIP archive, or one that no Gateway should unpack. */
        INVALID_ARCHIVE("is no whole archive"),
        /** Text that no JSON parser takes. */
        INVALID_JSON("is no whole JSON text"),
        /** A Siddhi execution plan that ends in the middle. */
        INVALID_POLICY("is no whole execution plan"),
        /** A new file that defines an API which another file of the generation defines. */
        DUPLICATE_API("defines an API that another file defines"),
        /** It is gone, and something that is held back still needs it. */
        NEEDED("is still needed by what is held back");

        private final String text;

        Why(String text) {
            this.text = text;
        }

        /** Whether only other content ends it, and not time alone. */
        public boolean isLasting() {
            return switch (this) {
                case INVALID_XML, INVALID_ARCHIVE, INVALID_JSON, INVALID_POLICY, DUPLICATE_API, NEEDED -> true;
                case UNSETTLED, BEING_WRITTEN, UNREADABLE, SPECIAL, BACKED_UP, NO_DIRECTORY -> false;
            };
        }

        /** What is wrong, to follow the path in a sentence. */
        public String text() {
            return text;
        }
    }

    public HeldBack {
        detail = cut(detail);
    }

    /** At most {@value #MAX_DETAIL} characters of {@code detail}, none of which steers a terminal. */
    static String cut(String detail) {
        var text = new StringBuilder(detail);
        if (text.length() > MAX_DETAIL) {
            text.setLength(MAX_DETAIL - 3);
            text.append("...");
        }
        for (int i = 0; i < text.length(); i++) {
            int type = Character.getType(text.charAt(i));
            if (type == Character.CONTROL
                    || type == Character.FORMAT
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR) {
                text.setCharAt(i, '?');
            }
        }
        return text.toString();
    }

    /** Why, with what exactly was found. */
    public String reason() {
        return detail.isEmpty() ? why.text() : why.text() + ": " + detail;
    }
}
