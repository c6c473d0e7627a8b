package io.lockstep.agent.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What stands at the other end of our output.
 *
 * @param isTerminal whether a person reads along, so that progress may be shown and redrawn
 * @param hasColour whether colours may be used
 */
public record Terminal(boolean isTerminal, boolean hasColour) {
    /**
     * What file descriptor 1 is. {@code System.console()} can't say: it is null up to JDK 21 when only the input is
     * redirected, and never null from JDK 22 on. A terminal's descriptor is a link to {@code /dev/pts/N},
     * {@code /dev/ttyN} or {@code /dev/console} (proc(5)).
     */
    public static Terminal ofStandardOutput(Map<String, String> environment) {
        return of(Path.of("/proc/self/fd/1"), environment);
    }

    /** As {@link #ofStandardOutput}, for file descriptor 2. */
    public static Terminal ofStandardError(Map<String, String> environment) {
        return of(Path.of("/proc/self/fd/2"), environment);
    }

    static Terminal of(Path descriptor, Map<String, String> environment) {
        boolean isTerminal = isTerminal(descriptor);
        // https://no-color.org: any value but the empty one turns colours off.
        boolean refused = !environment.getOrDefault("NO_COLOR", "").isEmpty()
                || environment.getOrDefault("TERM", "dumb").equals("dumb");
        return new Terminal(isTerminal, isTerminal && !refused);
    }

    private static boolean isTerminal(Path descriptor) {
        try {
            var target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            // Without /proc nobody can tell, and plain output is right for every reader.
            return false;
        }
    }
}
