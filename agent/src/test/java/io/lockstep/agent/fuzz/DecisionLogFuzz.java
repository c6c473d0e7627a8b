package io.lockstep.agent.fuzz;

import io.lockstep.agent.log.FileDecisionLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A decision log of any bytes is refused with the place and the remedy, or opens; opened twice it says the same. */
public final class DecisionLogFuzz {
    private DecisionLogFuzz() {}

    /** Called by the fuzzer with each input. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Path file = Files.createTempFile("lockstep-fuzz", ".log");
        try {
            Files.write(file, input);
            var first = open(file);
            if (first != null && !first.equals(open(file))) {
                throw new IllegalStateException("the log says something else when it is opened again");
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static Object open(Path file) throws IOException {
        try (var log = FileDecisionLog.open(file)) {
            return log.state();
        } catch (IOException refused) {
            if (!String.valueOf(refused.getMessage()).contains("is damaged at byte")) {
                throw refused;
            }
            return null;
        }
    }
}
