package io.lockstep.mount;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the marker of a tree's share says.
 *
 * @param clusterId the cluster that the share belongs to
 * @param shareId which share it is: made at random when the share is marked, and registered in the decision log, so
 *     that a marker that somebody makes anew is another share's
 */
public record Marker(String clusterId, String shareId) {
    private static final String MEMBER = "\\s*\"(clusterId|shareId)\"\\s*:\\s*\"([^\"\\\\\\p{Cntrl}]*)\"\\s*";
    private static final Pattern TEXT = Pattern.compile("\\s*\\{" + MEMBER + "," + MEMBER + "\\}\\s*");

    /**
     * The marker that a file's content is: a JSON object of the two members, in either order, and nothing else; empty
     * when it is anything else. No id has a character that JSON escapes.
     */
    public static Optional<Marker> parse(String text) {
        var match = TEXT.matcher(text);
        if (!match.matches() || match.group(1).equals(match.group(3))) {
            return Optional.empty();
        }
        boolean clusterFirst = match.group(1).equals("clusterId");
        return Optional.of(new Marker(match.group(clusterFirst ? 2 : 4), match.group(clusterFirst ? 4 : 2)));
    }
}
