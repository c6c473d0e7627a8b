package io.lockstep.agent.cli;

import io.lockstep.agent.config.ConfigurationFile;
import io.lockstep.agent.config.InvalidConfigurationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Makes one node's configuration out of the shipped, commented {@code conf/lockstep.yml}. */
final class NodeFile {
    private static final String SHIPPED = "lockstep.yml";

    private NodeFile() {}

    /**
     * The text of {@code node}'s configuration.
     *
     * @throws InvalidConfigurationException when the names or addresses don't make a valid one
     */
    static String text(String cluster, String manager, List<NodeAddress> nodes, NodeAddress node)
            throws InvalidConfigurationException {
        var members = nodes.stream()
                .map(each -> "    - {name: " + each.name() + ", control: \"" + each.control() + "\"}\n")
                .collect(Collectors.joining());
        var text = shipped();
        text = replace(text, "  id: prod-gateways\n", "  id: " + cluster + "\n");
        text = replace(text, "  manager: gw1\n", "  manager: " + manager + "\n");
        text = replace(text, membersOf(text), members);
        text = replace(text, "\n  name: gw1\n", "\n  name: " + node.name() + "\n");
        text = replace(text, "  port: 9880\n", "  port: " + node.opsPort() + "\n");
        text = replace(text, "  port: 9881\n", "  port: " + node.controlPort() + "\n");
        ConfigurationFile.parse(text, Path.of("/etc/lockstep", SHIPPED));
        return text;
    }

    private static String membersOf(String text) {
        return text.lines()
                .filter(line -> line.startsWith("    - {name: "))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    private static String replace(String text, String old, String replacement) {
        int at = text.indexOf(old);
        if (old.isEmpty() || at < 0 || text.indexOf(old, at + 1) >= 0) {
            throw new IllegalStateException("the shipped configuration must have this once: " + old);
        }
        return text.substring(0, at) + replacement + text.substring(at + old.length());
    }

    private static String shipped() {
        try (var in = NodeFile.class.getResourceAsStream(SHIPPED)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + SHIPPED);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
