package io.lockstep.agent.cli;

import io.lockstep.artifact.EntryPath;
import java.util.List;
import java.util.function.Function;
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
        more(count - shown, answer);
    }

    private static void more(int count, Answer.Builder answer) {
        if (count > 0) {
            answer.line("    ... and " + Quantity.count(count) + " more");
        }
    }

    /** The first paths, one a line, each with a line below that says what is the matter with it. */
    static <T> void explained(
            List<T> things, Function<T, EntryPath> path, Function<T, String> reason, int limit, Answer.Builder answer) {
        things.stream().limit(limit).forEach(thing -> {
            answer.line("    " + path.apply(thing));
            answer.line("      " + reason.apply(thing));
        });
        more(things.size() - limit, answer);
    }
}
