package io.lockstep.agent.gateway;

import io.lockstep.generation.HeldBack.Why;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.regex.Pattern;

/**
 * Whether a Siddhi execution plan can be whole: its comments, strings and brackets are closed. That finds most plans
 * that were cut, and no whole one; it is no parser. A plan that defines a function holds a script of another language,
 * of which nothing is said.
 */
final class ExecutionPlanCheck {
    /** Larger plans are not checked; a throttling policy is some KiB. */
    static final int MAX_BYTES = 1024 * 1024;

    private static final int MAX_DEPTH = 1_000;
    private static final Pattern FUNCTION = Pattern.compile("define\\s+function", Pattern.CASE_INSENSITIVE);

    private ExecutionPlanCheck() {}

    static Verdict check(Content content) throws IOException {
        if (content.sizeBytes() > MAX_BYTES) {
            return new Verdict.NotChecked("larger than " + MAX_BYTES + " bytes");
        }
        // What counts is ASCII, and every byte of another character is not.
        var text = new String(new ContentStream(content).readAllBytes(), StandardCharsets.ISO_8859_1);
        if (text.isBlank()) {
            return invalid("it is empty");
        }
        return FUNCTION.matcher(text).find() ? new Verdict.NotChecked("it defines a function") : brackets(text);
    }

    private static Verdict brackets(String text) {
        var open = new ArrayDeque<Character>();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (text.startsWith("/*", at)) {
                at = after(text, "*/", at + 2);
            } else if (text.startsWith("--", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (c == '\'' || c == '"') {
                var quote = text.startsWith("\"\"\"", at) ? "\"\"\"" : String.valueOf(c);
                at = after(text, quote, at + quote.length());
            } else {
                if (c == '(' || c == '[' || c == '{') {
                    open.push(c);
                } else if (")]}".indexOf(c) >= 0 && !closes(open, c)) {
                    return invalid("a " + c + " without its beginning");
                }
                at++;
            }
            if (at < 0) {
                return invalid("it ends in a comment or a string");
            }
            if (open.size() > MAX_DEPTH) {
                return new Verdict.NotChecked("more than " + MAX_DEPTH + " brackets in each other");
            }
        }
        return open.isEmpty() ? new Verdict.Valid() : invalid("it ends before the end of a " + open.peek());
    }

    private static boolean closes(ArrayDeque<Character> open, char c) {
        return !open.isEmpty() && open.pop() == (c == ')' ? '(' : c == ']' ? '[' : '{');
    }

    /** Where it goes on after the next {@code end}; -1 when there is none. */
    private static int after(String text, String end, int from) {
        int found = text.indexOf(end, from);
        return found < 0 ? -1 : found + end.length();
    }

    private static Verdict invalid(String detail) {
        return new Verdict.Invalid(Why.INVALID_POLICY, detail);
    }
}
