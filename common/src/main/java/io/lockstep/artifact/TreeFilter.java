package io.lockstep.artifact;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Says which entries belong to a tree.
 *
 * <p>Patterns are globs over raw bytes: {@code *} and {@code ?} within a component, {@code **} across components,
 * {@code [a-z]} one byte of a set. A pattern without a slash is held against the last component at any depth; a
 * pattern with a slash against the whole path from the tree's root. A verdict on a directory holds for everything below
 * it. {@code report} wins over {@code exclude}, and {@code exclude} over {@code include}. An empty {@code include}
 * takes every entry; otherwise a first component must match one of its patterns.
 */
public final class TreeFilter {
    /** What becomes of an entry. */
    public enum Verdict {
        /** It belongs to the tree. */
        KEEP,
        /** It is left out in silence. */
        LEAVE_OUT,
        /** It is left out, and people are told: the Gateway's own {@code *.back} files, for one. */
        REPORT
    }

    /** What the Gateway leaves behind when a deployment fails (WSO2 renames the file itself). */
    public static final List<String> DEFAULT_REPORT = List.of("*.back");

    /** Content of the product pack, node-local content, and leftovers of tools; see docs/configuration.md. */
    public static final List<String> DEFAULT_EXCLUDE = List.of(
            ".*",
            "*~",
            "*.mine",
            "*.r[0-9]*",
            "CVS",
            "webapps",
            "jaggeryapps",
            "axis2services",
            "axis2modules",
            "artifactMetafiles",
            "eventpublishers",
            "eventreceivers",
            "eventstreams");

    private final List<String> include;
    private final List<String> exclude;
    private final List<String> report;
    private final Globs includeGlobs;
    private final Globs excludeGlobs;
    private final Globs reportGlobs;

    /**
     * A filter of these patterns.
     *
     * @throws IllegalArgumentException when a pattern is empty, starts or ends with a slash, or has an open bracket;
     *     an include pattern must not have a slash
     */
    public TreeFilter(List<String> include, List<String> exclude, List<String> report) {
        this.include = List.copyOf(include);
        this.exclude = List.copyOf(exclude);
        this.report = List.copyOf(report);
        for (var pattern : include) {
            if (pattern.contains("/")) {
                throw new IllegalArgumentException(
                        "an include pattern names a first component, without a slash: " + pattern);
            }
        }
        includeGlobs = new Globs(include);
        excludeGlobs = new Globs(exclude);
        reportGlobs = new Globs(report);
    }

    /** The filter for a Gateway's {@code server} and {@code tenants} directories. */
    public static TreeFilter gatewayDefault() {
        return new TreeFilter(List.of(), DEFAULT_EXCLUDE, DEFAULT_REPORT);
    }

    /** A filter that keeps every entry. */
    public static TreeFilter keepAll() {
        return new TreeFilter(List.of(), List.of(), List.of());
    }

    public List<String> include() {
        return include;
    }

    public List<String> exclude() {
        return exclude;
    }

    public List<String> report() {
        return report;
    }

    /** The verdict on {@code path}, given that every directory above it is kept. */
    public Verdict verdict(EntryPath path) {
        return verdict(path.bytes(), path.length());
    }

    /** As {@link #verdict(EntryPath)}, for the path that is the first {@code length} bytes of {@code buffer}. */
    public Verdict verdict(byte[] buffer, int length) {
        int nameStart = length;
        while (nameStart > 0 && buffer[nameStart - 1] != '/') {
            nameStart--;
        }
        if (reportGlobs.match(buffer, nameStart, length)) {
            return Verdict.REPORT;
        }
        if (excludeGlobs.match(buffer, nameStart, length)) {
            return Verdict.LEAVE_OUT;
        }
        return nameStart > 0 || include.isEmpty() || includeGlobs.match(buffer, nameStart, length)
                ? Verdict.KEEP
                : Verdict.LEAVE_OUT;
    }

    /** The verdict on {@code path}, asking every directory above it too. */
    public Verdict verdictWithParents(EntryPath path) {
        var parent = path.parent();
        if (parent.isPresent()) {
            var above = verdictWithParents(parent.get());
            if (above != Verdict.KEEP) {
                return above;
            }
        }
        return verdict(path);
    }

    /**
     * Patterns for last components, matched byte by byte because a scan asks for every name, and patterns for whole
     * paths, joined into one expression.
     */
    private static final class Globs {
        private final NameGlob[] names;
        private final Optional<Pattern> paths;

        Globs(List<String> patterns) {
            names = patterns.stream()
                    .filter(pattern -> !pattern.contains("/"))
                    .map(NameGlob::parse)
                    .toArray(NameGlob[]::new);
            var pathParts = patterns.stream()
                    .filter(pattern -> pattern.contains("/"))
                    .map(Globs::expression)
                    .toList();
            paths = pathParts.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Pattern.compile(String.join("|", pathParts), Pattern.DOTALL));
        }

        boolean match(byte[] buffer, int nameStart, int end) {
            for (var name : names) {
                if (name.matches(buffer, nameStart, end)) {
                    return true;
                }
            }
            return paths.isPresent()
                    && paths.get()
                            .matcher(new String(buffer, 0, end, StandardCharsets.ISO_8859_1))
                            .matches();
        }

        private static String expression(String glob) {
            if (glob.isEmpty() || glob.startsWith("/") || glob.endsWith("/")) {
                throw new IllegalArgumentException("a pattern is empty or starts or ends with a slash: '" + glob + "'");
            }
            // Bytes become characters one to one, so that names that are not UTF-8 match too.
            var bytes = new String(glob.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
            var out = new StringBuilder("(?:");
            for (int i = 0; i < bytes.length(); i++) {
                char c = bytes.charAt(i);
                if (c == '*' && i + 1 < bytes.length() && bytes.charAt(i + 1) == '*') {
                    out.append(".*");
                    i++;
                } else if (c == '*') {
                    out.append("[^/]*");
                } else if (c == '?') {
                    out.append("[^/]");
                } else if (c == '[') {
                    int close = bytes.indexOf(']', i + 2);
                    if (close < 0) {
                        throw new IllegalArgumentException("a pattern has an open bracket: '" + glob + "'");
                    }
                    var set = bytes.substring(i + 1, close)
                            .replace("\\", "\\\\")
                            .replace("[", "\\[")
                            .replace("&", "\\&");
                    out.append('[')
                            .append(set.startsWith("!") ? "^/" + set.substring(1) : set)
                            .append(']');
                    i = close;
                } else {
                    out.append(Pattern.quote(String.valueOf(c)));
                }
            }
            return out.append(')').toString();
        }
    }
}
