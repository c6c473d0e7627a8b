package io.lockstep.agent.cli;

import io.lockstep.artifact.EntryPath;
import java.util.List;
import org.apache.commons.text.WordUtils;

/** Adds to an answer what has no columns: sentences that wrap, and lists of paths that never do. */
final class Prose {
    /** Most terminals are at least this wide. */
    private static final int COLUMNS = 100;

    private Prose() {}

    /** A sentence below a heading, each of its lines indented. */
    static void sentence(String text, Answer.Builder answer) {
        // A line break within the text would look like a line of ours.
        WordUtils.wrap(text.replace('\n', ' '), COLUMNS, "\n", false).lines().forEach(line -> answer.line("  " + line));
    }

    /**
     * The first paths, one a line, so that each can be copied.
     *
     * @param count how many there are in all
     * @param limit how many are shown
     */
    static void paths(List<EntryPath> paths, int count, int limit, Answer.Builder answer) {
        int shown = Math.min(paths.size(), limit);
        paths.subList(0, shown).forEach(path -> answer.line("    " + path));
        if (count > shown) {
            answer.line("    ... and " + Quantity.count(count - shown) + " more");
        }
    }
}
