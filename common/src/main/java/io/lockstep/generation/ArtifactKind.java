package io.lockstep.generation;

import io.lockstep.artifact.EntryPath;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * What a Gateway deploys a file as, told by the nearest directory above it that is called as one of the Gateway's
 * deployment directories: {@code synapse-configs/default/api/a.xml} is of the kind {@code api}.
 *
 * @param name the directory's name
 */
record ArtifactKind(String name) {
    /** Synapse's directories, and those that Carbon's deployers watch. */
    private static final Set<String> DIRECTORIES = Set.of(
            "api",
            "sequences",
            "endpoints",
            "local-entries",
            "proxy-services",
            "templates",
            "tasks",
            "message-stores",
            "message-processors",
            "inbound-endpoints",
            "event-sources",
            "priority-executors",
            "imports",
            "carbonapps",
            "dataservices",
            "webapps",
            "jaggeryapps",
            "axis2services",
            "axis2modules",
            "synapse-libs",
            "executionplans",
            "eventpublishers",
            "eventreceivers",
            "eventstreams");

    /** The kind of the file at {@code path}; empty when no directory tells it. */
    static Optional<ArtifactKind> of(EntryPath path) {
        for (var directory = path.parent();
                directory.isPresent();
                directory = directory.get().parent()) {
            var name = new String(directory.get().name(), StandardCharsets.ISO_8859_1);
            if (DIRECTORIES.contains(name)) {
                return Optional.of(new ArtifactKind(name));
            }
        }
        return Optional.empty();
    }
}
