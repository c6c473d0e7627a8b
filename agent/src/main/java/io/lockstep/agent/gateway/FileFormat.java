package io.lockstep.agent.gateway;

import io.lockstep.artifact.EntryPath;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * How a Gateway reads a file, told by the name's extension alone. The Gateway's extensions are exact and case-sensitive:
 * {@code x.XML} is deployed by none, so that nothing is known of it.
 */
public enum FileFormat {
    /** XML: Synapse's artifacts, data services, user stores. */
    XML,
    /** A carbon application: a ZIP archive with an {@code artifacts.xml}. */
    CARBON_APPLICATION,
    /** Any other ZIP archive. */
    ARCHIVE,
    JSON,
    /** A Siddhi execution plan: a throttling policy. */
    EXECUTION_PLAN,
    /** Nothing is known of its content. */
    OTHER;

    private static final Map<String, FileFormat> BY_EXTENSION = Map.ofEntries(
            Map.entry("xml", XML),
            Map.entry("dbs", XML),
            Map.entry("car", CARBON_APPLICATION),
            Map.entry("war", ARCHIVE),
            Map.entry("zip", ARCHIVE),
            Map.entry("jar", ARCHIVE),
            Map.entry("aar", ARCHIVE),
            Map.entry("mar", ARCHIVE),
            Map.entry("json", JSON),
            Map.entry("siddhiql", EXECUTION_PLAN),
            Map.entry("siddhi", EXECUTION_PLAN));

    /** The kind of the file at {@code path}. */
    public static FileFormat of(EntryPath path) {
        var name = new String(path.name(), StandardCharsets.ISO_8859_1);
        return BY_EXTENSION.getOrDefault(name.substring(name.lastIndexOf('.') + 1), OTHER);
    }
}
