package io.lockstep.agent.faulty;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What is mounted, from {@code /proc/self/mounts}: looking there asks no file system. */
public final class MountTable {
    private MountTable() {}

    /** The mountpoints at and below {@code directory}, the last mounted first. */
    public static List<Path> below(Path directory) throws IOException {
        var found = new java.util.ArrayList<Path>();
        for (var line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
            var mountpoint = Path.of(unescaped(line.split(" ", -1)[1]));
            if (mountpoint.startsWith(directory)) {
                found.add(0, mountpoint);
            }
        }
        return found;
    }

    public static boolean isMounted(Path mountpoint) throws IOException {
        return below(mountpoint).contains(mountpoint);
    }

    /** proc(5): space, tab, newline and backslash are octal. */
    private static String unescaped(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
