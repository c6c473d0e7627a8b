package io.lockstep.agent.app;

import io.lockstep.agent.loop.Mounts;
import io.lockstep.mount.MountTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The mount table in {@code /proc/self/mountinfo} (proc_pid_mountinfo(5)). The kernel answers from its memory, whatever
 * a mount's server does. Only one thread calls the methods.
 */
public final class ProcMounts implements Mounts {
    private static final Path FILE = Path.of("/proc/self/mountinfo");

    /** The kernel gives the file in pieces: what changes between two of them can make a mount look absent. */
    private static final int MOST_READS = 5;

    private byte[] bytes = {};
    private MountTable table = new MountTable(List.of());

    @Override
    public MountTable read() throws IOException {
        var first = Files.readAllBytes(FILE);
        if (Arrays.equals(first, bytes)) {
            return table;
        }
        for (int reads = 1; reads < MOST_READS; reads++) {
            var again = Files.readAllBytes(FILE);
            if (Arrays.equals(first, again)) {
                break;
            }
            first = again;
        }
        try {
            table = MountTable.parse(new String(first, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new IOException(FILE + ": " + e.getMessage(), e);
        }
        bytes = first;
        return table;
    }
}
