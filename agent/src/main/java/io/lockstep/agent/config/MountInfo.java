package io.lockstep.agent.config;

import io.lockstep.mount.MountTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the mounts that this process sees, in {@code /proc/self/mountinfo} (proc_pid_mountinfo(5)). It asks the kernel,
 * which answers from its memory, and no file system. For one thread at a time.
 */
public final class MountInfo {
    private static final Path SELF = Path.of("/proc/self/mountinfo");

    /** The kernel gives the file in pieces: what changes between two of them can make a mount look absent. */
    private static final int MOST_READS = 5;

    private byte[] bytes = {};
    private MountTable table = new MountTable(List.of());

    /**
     * The table now; the same object while it does not change.
     *
     * @throws IOException when it can't be read, or is none
     */
    public MountTable read() throws IOException {
        var now = Files.readAllBytes(SELF);
        // It is read at every turn of the control loop and seldom changes.
        if (!Arrays.equals(now, bytes)) {
            now = readTwiceAlike(now);
            table = parse(new String(now, StandardCharsets.UTF_8));
            bytes = now;
        }
        return table;
    }

    private static byte[] readTwiceAlike(byte[] first) throws IOException {
        var last = first;
        for (int reads = 1; reads < MOST_READS; reads++) {
            var again = Files.readAllBytes(SELF);
            if (Arrays.equals(last, again)) {
                return again;
            }
            last = again;
        }
        return last;
    }

    private static MountTable parse(String text) throws IOException {
        try {
            return MountTable.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IOException(SELF + ": " + e.getMessage(), e);
        }
    }
}
