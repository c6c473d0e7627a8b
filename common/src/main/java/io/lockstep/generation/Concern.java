package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;

/**
 * Something about a published path that a person should know: nothing is wrong with the file alone, but a Gateway may
 * not do with it what its author meant.
 *
 * @param detail what exactly was found, for people; at most {@value HeldBack#MAX_DETAIL} characters
 */
public record Concern(EntryPath path, Kind kind, String detail) {
    /** What it is about. The names are a contract: more may come, none changes. */
    public enum Kind {
        /** Two files define one API; a Gateway deploys the one that it meets first. */
        DUPLICATE_API("defines an API that another file defines"),
        /** An API names an endpoint or a sequence for which there is no file. */
        MISSING_REFERENCE("names what has no file"),
        /** The file's name says another API or version than its content. */
        NAME_MISMATCH("is named otherwise than what it defines"),
        /** An artifact in a directory below its kind's: it is deployed now, and lost when the Gateway restarts. */
        NESTED_DIRECTORY("lies too deep, and is lost when a Gateway restarts"),
        /** Two names that differ in case only: one file where a mount does not tell case. */
        CASE_COLLISION("differs from another name in case only");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** What it is, to follow the path in a sentence. */
        public String text() {
            return text;
        }
    }

    public Concern {
        detail = HeldBack.cut(detail);
    }

    /** What it is about, with what exactly was found. */
    public String reason() {
        return detail.isEmpty() ? kind.text() : kind.text() + ": " + detail;
    }
}
