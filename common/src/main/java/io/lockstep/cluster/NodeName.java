package io.lockstep.cluster;

import java.util.regex.Pattern;

/**
 * A node's name, as in the configuration and in its certificate: 1 to 63 lower-case letters, digits and inner hyphens
 * (a DNS label, RFC 1123 section 2.1).
 */
public record NodeName(String value) implements Comparable<NodeName> {
    private static final Pattern FORM = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    public NodeName {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "a node's name has 1 to 63 lower-case letters, digits or inner hyphens, not: " + value);
        }
    }

    @Override
    public int compareTo(NodeName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
