package io.lockstep.agent.fuzz;

import io.lockstep.agent.config.ConfigurationFile;
import io.lockstep.agent.config.InvalidConfigurationException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A configuration of any bytes is refused with problems that name a remedy, or loads. */
public final class ConfigurationFuzz {
    private static final Path FILE = Path.of("/etc/lockstep/lockstep.yml");

    private ConfigurationFuzz() {}

    /** Called by the fuzzer with each input. */
    public static void fuzzerTestOneInput(byte[] input) {
        try {
            ConfigurationFile.parse(new String(input, StandardCharsets.UTF_8), FILE);
        } catch (InvalidConfigurationException refused) {
            if (refused.problems().isEmpty()
                    || refused.problems().stream()
                            .anyMatch(problem ->
                                    problem.what().isBlank() || problem.remedy().isBlank())) {
                throw new IllegalStateException("a refusal without a reason or a remedy", refused);
            }
        }
    }
}
