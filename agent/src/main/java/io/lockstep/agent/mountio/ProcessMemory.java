package io.lockstep.agent.mountio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Asks the kernel for a process's memory. Of all files of a process this one waits for nothing that the process does. */
final class ProcessMemory {
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s*([0-9]{1,15}) kB$");

    private ProcessMemory() {}

    /** How much it has resident (proc_pid_status(5)); 0 when it is gone. */
    static long residentBytes(long pid) {
        try {
            var match = RESIDENT.matcher(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
            return match.find() ? Long.parseLong(match.group(1)) * 1024 : 0;
        } catch (IOException gone) {
            return 0;
        }
    }
}
