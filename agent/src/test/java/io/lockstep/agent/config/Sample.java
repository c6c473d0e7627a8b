package io.lockstep.agent.config;

import java.nio.file.Path;
import java.util.List;

/** Small valid files for tests, and what loading a text gives. */
final class Sample {
    static final Path FILE = Path.of("/etc/lockstep/lockstep.yml");

    /** Only what is required. */
    static final String MINIMAL = """
            cluster:
              id: prod
              manager: gw1
              members:
                - {name: gw1, control: "https://10.0.0.1:9881"}
                - {name: gw2, control: "https://10.0.0.2:9881"}
            node: {name: gw2}
            trees:
              - name: server
                share: /mnt/wso2/server
                live: /opt/wso2/server
                replica: /var/lib/lockstep/replica/server
            """;

    private Sample() {}

    /** The minimal file with {@code more} sections after it. */
    static AgentConfiguration with(String more) {
        return load(MINIMAL + more);
    }

    static AgentConfiguration load(String text) {
        try {
            return ConfigurationFile.parse(text, FILE);
        } catch (InvalidConfigurationException e) {
            throw new AssertionError(e);
        }
    }

    /** The problems of the minimal file with {@code more} sections after it. */
    static List<Problem> problemsWith(String more) {
        return problems(MINIMAL + more);
    }

    static List<Problem> problems(String text) {
        try {
            ConfigurationFile.parse(text, FILE);
            return List.of();
        } catch (InvalidConfigurationException e) {
            return e.problems();
        }
    }
}
