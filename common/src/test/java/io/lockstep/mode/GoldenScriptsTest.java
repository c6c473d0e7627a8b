package io.lockstep.mode;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.cluster.Mode;
import io.lockstep.cluster.MountEvidence;
import io.lockstep.cluster.Role;
import io.lockstep.cluster.Serving;
import io.lockstep.mode.ModeInput.Relation;
import io.lockstep.mode.ModeInput.Replica;
import io.lockstep.mode.ModeInput.Share;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stories of a cluster as scripts: a paragraph of intent, commands, and what the machines decide.
 *
 * <p>{@code manager KEY=VALUE...} changes what the manager sees and asks the mode machine, whose mode holds from then
 * on; {@code node NAME KEY=VALUE...} changes what one node sees and asks the node machine in that mode, whose flip the
 * node then makes; {@code mode MODE} is what an operator's order makes of the mode. A key keeps its value until it is changed. The result follows after {@code ->}.
 *
 * <p>{@code mvn -pl common test -Dtest=GoldenScriptsTest -Dgolden.update=true} writes the results anew; they are
 * reviewed as a diff.
 */
class GoldenScriptsTest {
    private static final Path SCRIPTS = Path.of("src/test/resources/golden/mode");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "share-lost-and-back",
                "share-back-diverged",
                "share-emptied",
                "no-share-configured",
                "manager-loses-mount-alone",
                "worker-loses-mount-alone",
                "share-read-only",
                "operator-target",
                "first-start"
            })
    void theMachinesTellTheStory(String name) throws IOException {
        var file = SCRIPTS.resolve(name + ".txt");
        var script = Files.readString(file);

        var played = new Stage().play(script);

        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(file, played);
        } else {
            assertThat(played).isEqualTo(script);
        }
    }

    /** The cluster of one script. */
    private static final class Stage {
        private Mode mode = Mode.HOLD;
        private final Map<String, String> manager = new HashMap<>(Map.ofEntries(
                Map.entry("share", "UNKNOWN"),
                Map.entry("writable", "yes"),
                Map.entry("relation", "UNTOLD"),
                Map.entry("mergeable", "yes"),
                Map.entry("excessive", "no"),
                Map.entry("long", "no"),
                Map.entry("any", "no"),
                Map.entry("majority", "no"),
                Map.entry("replica", "UNKNOWN"),
                Map.entry("reference", "no"),
                Map.entry("approved", "no")));
        private final Map<String, Map<String, String>> nodes = new TreeMap<>();

        String play(String script) {
            var out = new ArrayList<String>();
            for (var line : script.lines().toList()) {
                if (line.startsWith("->")) {
                    continue;
                }
                out.add(line);
                var words = List.of(line.split(" "));
                if (line.startsWith("manager")) {
                    change(manager, words.subList(1, words.size()));
                    out.add("-> " + decideMode());
                } else if (line.startsWith("mode ")) {
                    mode = Mode.valueOf(words.get(1));
                } else if (line.startsWith("node ")) {
                    var node = nodes.computeIfAbsent(words.get(1), name -> newNode());
                    change(node, words.subList(2, words.size()));
                    out.add("-> " + decideNode(node));
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    throw new IllegalArgumentException("not a command: " + line);
                }
            }
            return String.join("\n", out) + "\n";
        }

        private static Map<String, String> newNode() {
            return new HashMap<>(Map.of(
                    "role", "WORKER",
                    "serving", "ABSENT",
                    "mount", "UNKNOWN",
                    "long", "no",
                    "mount-shows", "no",
                    "replica-shows", "no",
                    "replica-whole", "no",
                    "applied", "yes",
                    "reference", "no"));
        }

        private static void change(Map<String, String> values, List<String> words) {
            for (var word : words) {
                int equals = word.indexOf('=');
                if (equals < 0 || values.replace(word.substring(0, equals), word.substring(equals + 1)) == null) {
                    throw new IllegalArgumentException("no such KEY=VALUE: " + word);
                }
            }
        }

        private String decideMode() {
            var decision = ModeMachine.decide(new ModeInput(
                    mode,
                    Share.valueOf(value(manager, "share")),
                    yes(manager, "writable"),
                    Relation.valueOf(value(manager, "relation")),
                    yes(manager, "mergeable"),
                    yes(manager, "excessive"),
                    yes(manager, "long"),
                    yes(manager, "any"),
                    yes(manager, "majority"),
                    Replica.valueOf(value(manager, "replica")),
                    yes(manager, "reference"),
                    yes(manager, "approved")));
            mode = decision.mode();
            return "mode=" + mode + " reason=" + decision.reason() + " commit=" + decision.commit() + " write-share="
                    + (decision.writeShare() ? "yes" : "no") + " hold="
                    + decision.hold().map(Enum::name).orElse("none");
        }

        private String decideNode(Map<String, String> node) {
            var decision = NodeMachine.decide(new NodeInput(
                    Role.valueOf(value(node, "role")),
                    mode,
                    Serving.valueOf(value(node, "serving")),
                    MountEvidence.State.valueOf(value(node, "mount")),
                    yes(node, "long"),
                    yes(node, "mount-shows"),
                    yes(node, "replica-shows"),
                    yes(node, "replica-whole"),
                    yes(node, "applied"),
                    yes(node, "reference")));
            decision.flip().ifPresent(where -> node.put("serving", where.name()));
            return "serving=" + value(node, "serving") + " flip="
                    + decision.flip().map(Enum::name).orElse("none") + " sync-replica="
                    + (decision.syncReplica() ? "yes" : "no");
        }

        private static boolean yes(Map<String, String> values, String key) {
            return switch (value(values, key)) {
                case "yes" -> true;
                case "no" -> false;
                default -> throw new IllegalArgumentException(key + " is yes or no, not: " + value(values, key));
            };
        }

        private static String value(Map<String, String> values, String key) {
            var value = values.get(key);
            if (value == null) {
                throw new IllegalArgumentException("no such key: " + key);
            }
            return value;
        }
    }
}
