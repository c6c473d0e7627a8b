package io.lockstep.artifact;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * A glob over the bytes of one component: {@code *} any bytes, {@code ?} one byte, {@code [a-z]} one byte of a set,
 * {@code [!a-z]} one byte outside of it, any other byte itself. Matching makes no object.
 */
final class NameGlob {
    /** In {@link #steps}: any number of bytes. Steps from 0 to 255 are that byte; from -2 downwards, a set. */
    private static final int STAR = -1;

    private static final int FIRST_SET = -2;

    private final int[] steps;
    private final List<BitSet> sets;
    /** How many bytes a name has at least. */
    private final int minLength;

    private NameGlob(int[] steps, List<BitSet> sets) {
        this.steps = steps;
        this.sets = sets;
        minLength = (int) Arrays.stream(steps).filter(step -> step != STAR).count();
    }

    /**
     * Reads a pattern; its bytes are those of UTF-8.
     *
     * @throws IllegalArgumentException when it is empty, has a slash, an open bracket or a range that runs backwards
     */
    static NameGlob parse(String pattern) {
        var bytes = pattern.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || pattern.contains("/")) {
            throw new IllegalArgumentException("a pattern for a name is empty or has a slash: '" + pattern + "'");
        }
        var steps = new ArrayList<Integer>(bytes.length);
        var sets = new ArrayList<BitSet>();
        for (int i = 0; i < bytes.length; i++) {
            switch (bytes[i]) {
                case '*' -> {
                    // Two stars in a row are one; within one component they say the same.
                    if (steps.isEmpty() || steps.get(steps.size() - 1) != STAR) {
                        steps.add(STAR);
                    }
                }
                case '?' -> steps.add(addSet(sets, allBytes()));
                case '[' -> {
                    int close = closingBracket(bytes, i, pattern);
                    steps.add(addSet(sets, set(bytes, i + 1, close, pattern)));
                    i = close;
                }
                default -> steps.add(bytes[i] & 0xff);
            }
        }
        return new NameGlob(steps.stream().mapToInt(Integer::intValue).toArray(), List.copyOf(sets));
    }

    private static int addSet(List<BitSet> sets, BitSet set) {
        sets.add(set);
        return FIRST_SET - (sets.size() - 1);
    }

    private static BitSet allBytes() {
        var all = new BitSet(256);
        all.set(0, 256);
        return all;
    }

    private static int closingBracket(byte[] bytes, int open, String pattern) {
        for (int i = open + 2; i < bytes.length; i++) {
            if (bytes[i] == ']') {
                return i;
            }
        }
        throw new IllegalArgumentException("a pattern has an open bracket: '" + pattern + "'");
    }

    private static BitSet set(byte[] bytes, int from, int to, String pattern) {
        boolean negated = bytes[from] == '!' && from + 1 < to;
        var set = new BitSet(256);
        for (int i = negated ? from + 1 : from; i < to; i++) {
            int first = bytes[i] & 0xff;
            boolean range = i + 2 < to && bytes[i + 1] == '-';
            int last = range ? bytes[i + 2] & 0xff : first;
            if (last < first) {
                throw new IllegalArgumentException("a pattern has a range that runs backwards: '" + pattern + "'");
            }
            set.set(first, last + 1);
            i += range ? 2 : 0;
        }
        if (negated) {
            set.flip(0, 256);
        }
        return set;
    }

    /** Whether the bytes of {@code buffer} from {@code from} to before {@code to} match as a whole. */
    boolean matches(byte[] buffer, int from, int to) {
        return couldMatch(buffer, from, to) && matchesSteps(buffer, from, to);
    }

    /** Most names fail at their length, first or last byte already. */
    private boolean couldMatch(byte[] buffer, int from, int to) {
        int first = steps[0];
        int last = steps[steps.length - 1];
        return to - from >= Math.max(1, minLength)
                && (first < 0 || first == (buffer[from] & 0xff))
                && (last < 0 || last == (buffer[to - 1] & 0xff));
    }

    private boolean matchesSteps(byte[] buffer, int from, int to) {
        int step = 0;
        int at = from;
        int stepAfterStar = -1;
        int starEnd = from;
        while (at < to) {
            if (step < steps.length && steps[step] == STAR) {
                stepAfterStar = ++step;
                starEnd = at;
            } else if (step < steps.length && takes(steps[step], buffer[at] & 0xff)) {
                step++;
                at++;
            } else if (stepAfterStar >= 0) {
                // Only the last star needs to give way: an earlier one that took more could match no more than this.
                step = stepAfterStar;
                at = ++starEnd;
            } else {
                return false;
            }
        }
        return step == steps.length || (step == steps.length - 1 && steps[step] == STAR);
    }

    private boolean takes(int step, int value) {
        return step >= 0 ? step == value : sets.get(FIRST_SET - step).get(value);
    }
}
