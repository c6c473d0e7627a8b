package io.lockstep.agent.cli;

import java.util.Locale;

/** How an answer is written; on the command line in lower case. */
public enum OutputFormat {
    /** For people: sentences and aligned columns. */
    PRETTY,
    /** One JSON document. */
    JSON,
    /** One YAML document. */
    YAML,
    /** The tables only, a header line each, tab-separated, with {@code \t \n \r \\} escaped. */
    TSV;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
