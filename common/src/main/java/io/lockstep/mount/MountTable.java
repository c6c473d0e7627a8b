package io.lockstep.mount;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The mounts that this process sees, as {@code /proc/self/mountinfo} tells them. Immutable.
 *
 * <p>Which mount a path leads to is found as the kernel does: from the root down, from mount to mount. So of several
 * mounts on one point the last counts, and a mount that another one hides, on a directory above it, does not.
 *
 * @param entries in the file's order
 */
public record MountTable(List<MountEntry> entries) {
    /** Fields before the optional ones: id, parent, device, root, point, options. */
    private static final int FIELDS = 6;

    private static final int ESCAPE = 4;

    public MountTable {
        entries = List.copyOf(entries);
    }

    /**
     * The table in a file's text.
     *
     * @throws IllegalArgumentException when a line is none of a mount table; the message has it
     */
    public static MountTable parse(String text) {
        return new MountTable(text.lines()
                .filter(line -> !line.isBlank())
                .map(MountTable::entry)
                .toList());
    }

    private static MountEntry entry(String line) {
        var fields = Arrays.asList(line.split(" ", -1));
        // Any number of optional fields stands before a single hyphen.
        int hyphen =
                fields.subList(Math.min(FIELDS, fields.size()), fields.size()).indexOf("-") + FIELDS;
        if (hyphen < FIELDS || fields.size() < hyphen + 3) {
            throw new IllegalArgumentException("not a line of a mount table: " + line);
        }
        try {
            // An empty source is written as nothing at all, and the options of the file system may be missing too.
            return new MountEntry(
                    Long.parseLong(fields.get(0)),
                    Long.parseLong(fields.get(1)),
                    fields.get(2),
                    unescaped(fields.get(3)),
                    unescaped(fields.get(4)),
                    options(fields.get(5)),
                    unescaped(fields.get(hyphen + 1)),
                    unescaped(fields.get(hyphen + 2)),
                    fields.size() > hyphen + 3 ? options(fields.get(hyphen + 3)) : Set.of());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a line of a mount table: " + line, e);
        }
    }

    private static Set<String> options(String text) {
        return Arrays.stream(text.split(",", -1)).map(MountTable::unescaped).collect(Collectors.toUnmodifiableSet());
    }

    /** Space, tab, line feed, backslash and number sign are written as a backslash and three octal digits. */
    private static String unescaped(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        var text = new StringBuilder();
        int at = 0;
        while (at < field.length()) {
            int end = at + ESCAPE;
            if (field.charAt(at) == '\\' && end <= field.length() && isOctal(field.substring(at + 1, end))) {
                text.append((char) Integer.parseInt(field.substring(at + 1, end), 8));
                at = end;
            } else {
                text.append(field.charAt(at));
                at++;
            }
        }
        return text.toString();
    }

    private static boolean isOctal(String digits) {
        return digits.chars().allMatch(digit -> digit >= '0' && digit <= '7');
    }

    /**
     * The mount that a path leads to.
     *
     * @param path absolute and normalized, without links: links are not looked at
     * @return empty when no mount that this process sees covers it
     */
    public Optional<MountEntry> covering(String path) {
        var ids = entries.stream().map(MountEntry::id).collect(Collectors.toSet());
        var passed = new HashSet<MountEntry>();
        var next = nearest(
                path,
                entries.stream()
                        .filter(entry -> entry.parent() == entry.id() || !ids.contains(entry.parent()))
                        .toList());
        Optional<MountEntry> last = Optional.empty();
        // A table that was read while it changed may have a circle in it.
        while (next.isPresent() && passed.add(next.get())) {
            last = next;
            long parent = next.get().id();
            next = nearest(
                    path,
                    entries.stream()
                            .filter(entry -> entry.parent() == parent && entry.id() != parent)
                            .toList());
        }
        return last;
    }

    /** Of mounts on one parent, the one that is come to first on the way to {@code path}; the last on its point. */
    private static Optional<MountEntry> nearest(String path, List<MountEntry> children) {
        var above = new ArrayList<>(
                children.stream().filter(child -> child.isAbove(path)).toList());
        var shortest = above.stream()
                .min(Comparator.comparingInt(child -> child.point().length()));
        return shortest.flatMap(first -> above.stream()
                .filter(child -> child.point().equals(first.point()))
                .reduce((before, after) -> after));
    }

    /** The mount that is seen at exactly this point; empty when none is, or another one hides it. */
    public Optional<MountEntry> at(String point) {
        return covering(point).filter(entry -> entry.point().equals(point));
    }
}
