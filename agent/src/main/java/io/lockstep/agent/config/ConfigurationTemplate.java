package io.lockstep.agent.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockstep.artifact.TreeFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every key of the file with its default, as a tree. A null stands for a key that must be given (or, for
 * {@code work}, that follows from others, and in {@code mount}, that can be left out), an empty object for a map with keys of the operator's choice.
 */
final class ConfigurationTemplate {
    private final JsonMapper mapper;
    private final ObjectNode root;
    private final Map<String, ObjectNode> elements;

    ConfigurationTemplate(JsonMapper mapper) {
        this.mapper = mapper;
        root = object();
        var cluster = root.putObject("cluster");
        cluster.putNull("id").putNull("manager").putArray("members");
        cluster.put("onTotalOutage", "serve");
        root.putObject("node")
                .putNull("name")
                .put("state", NodeConfiguration.DEFAULT_STATE)
                .put("bindRequests", NodeConfiguration.DEFAULT_BIND_REQUESTS);
        root.putArray("trees");
        root.set("ops", mapper.valueToTree(OpsConfiguration.DEFAULTS));
        root.putObject("control")
                .put("host", "0.0.0.0")
                .put("port", ControlConfiguration.DEFAULT_PORT)
                .putObject("tls")
                .put("ca", "tls/ca.pem")
                .put("certificate", "tls/node.pem")
                .put("key", "tls/node.key");
        root.set("scan", mapper.valueToTree(ScanConfiguration.DEFAULTS));
        root.set("timing", mapper.valueToTree(TimingConfiguration.DEFAULTS));
        root.set("guard", mapper.valueToTree(GuardConfiguration.DEFAULTS));
        root.set("rsync", mapper.valueToTree(RsyncConfiguration.DEFAULTS));
        root.set("trash", mapper.valueToTree(TrashConfiguration.DEFAULTS));
        root.set("store", mapper.valueToTree(StoreConfiguration.DEFAULTS));
        root.set("logging", mapper.valueToTree(LoggingConfiguration.DEFAULTS));
        var tree = object();
        tree.putNull("name").putNull("share").putNull("credentials");
        tree.putObject("mount").putNull("point").putNull("type").putNull("source");
        tree.putNull("live").put("flip", "link").putNull("replica").putNull("work");
        tree.putArray("include");
        tree.set("exclude", mapper.valueToTree(TreeFilter.DEFAULT_EXCLUDE));
        tree.set("report", mapper.valueToTree(TreeFilter.DEFAULT_REPORT));
        elements = Map.of("cluster.members", object().putNull("name").putNull("control"), "trees", tree);
    }

    private ObjectNode object() {
        return mapper.createObjectNode();
    }

    /** The whole file's template. */
    ObjectNode root() {
        return root;
    }

    /** The template of each element of the list at {@code key}, or empty when its elements are plain values. */
    Optional<ObjectNode> element(String key) {
        return Optional.ofNullable(elements.get(key));
    }

    /** The default at {@code key}, a key with indexes; empty when there is none. */
    Optional<JsonNode> defaultOf(String key) {
        JsonNode node = root;
        var at = new StringBuilder();
        for (var part : key.split("\\.", -1)) {
            var name = part.replaceFirst("\\[\\d+]$", "");
            node = node.path(name);
            at.append(at.isEmpty() ? "" : ".").append(name);
            if (!name.equals(part) && elements.containsKey(at.toString())) {
                node = elements.get(at.toString());
            }
        }
        return node.isNull() || node.isMissingNode() ? Optional.empty() : Optional.of(node);
    }

    /** Every key that holds a value, with {@code []} for a list's elements: {@code trees[].live}. */
    List<String> keys() {
        var keys = new ArrayList<String>();
        addKeys("", root, keys);
        return keys;
    }

    private void addKeys(String above, ObjectNode node, List<String> keys) {
        node.properties().forEach(property -> {
            var key = above.isEmpty() ? property.getKey() : above + "." + property.getKey();
            if (property.getValue() instanceof ObjectNode section && !section.isEmpty()) {
                addKeys(key, section, keys);
            } else if (elements.containsKey(key)) {
                addKeys(key + "[]", elements.get(key), keys);
            } else {
                keys.add(key);
            }
        });
    }
}
