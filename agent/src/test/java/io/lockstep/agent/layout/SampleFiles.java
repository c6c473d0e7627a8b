package io.lockstep.agent.layout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/** A small tree that is the same wherever it is written, times included. */
final class SampleFiles {
    private static final int FILES = 20;
    private static final Instant TIME = Instant.parse("2024-05-06T07:08:09.123456789Z");

    private SampleFiles() {}

    static void write(Path root) throws IOException {
        var directory = Files.createDirectories(root.resolve("synapse-configs/default/api"));
        for (int i = 0; i < FILES; i++) {
            var file = Files.writeString(directory.resolve("api" + i + ".xml"), "<api name='" + i + "'/>\n");
            Files.setLastModifiedTime(file, FileTime.from(TIME.plusNanos(i)));
        }
    }
}
