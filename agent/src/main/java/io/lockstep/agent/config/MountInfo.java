package io.lockstep.agent.config;

import io.lockstep.mount.MountTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the mounts that this process sees. It asks the kernel and no file system. For one thread at a time. */
public final class MountInfo {
    private static final Path SELF = Path.of("/proc/self/mountinfo");

    private String text = "";
    private MountTable table = new MountTable(java.util.List.of());

    /** The table now. */
    public MountTable read() throws IOException {
        var now = new String(Files.readAllBytes(SELF), StandardCharsets.UTF_8);
        // It is read at every turn of the control loop and seldom changes.
        if (!now.equals(text)) {
            table = parse(now);
            text = now;
        }
        return table;
    }

    private static MountTable parse(String text) throws IOException {
        try {
            return MountTable.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IOException(SELF + ": " + e.getMessage(), e);
        }
    }
}
