package io.lockstep.agent.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Lays what the operator wrote over the template, and finds keys and shapes that the template doesn't know. */
final class TemplateMerge {
    private final ConfigurationTemplate template;
    private final List<Problem> problems;

    /** Problems are added to {@code problems}. */
    TemplateMerge(ConfigurationTemplate template, List<Problem> problems) {
        this.template = template;
        this.problems = problems;
    }

    /** A new tree with every key of the template and the values of {@code given} where it has any. */
    ObjectNode merge(JsonNode given) {
        return section("", template.root(), given);
    }

    private ObjectNode section(String key, ObjectNode known, JsonNode given) {
        var merged = known.deepCopy();
        if (isNothing(given)) {
            return merged;
        }
        if (!(given instanceof ObjectNode object)) {
            problems.add(new Problem(
                    key, "is " + shown(given) + ", not a section", "Write its keys below it: " + names(known)));
            return merged;
        }
        boolean freeKeys = known.isEmpty() && !key.isEmpty();
        object.properties().forEach(property -> {
            var name = property.getKey();
            var below = key.isEmpty() ? name : key + "." + name;
            if (freeKeys) {
                merged.set(name, property.getValue());
            } else if (known.has(name)) {
                merged.set(name, value(below, known.get(name), property.getValue()));
            } else {
                problems.add(unknown(key, name, known));
            }
        });
        return merged;
    }

    private JsonNode value(String key, JsonNode known, JsonNode given) {
        if (isNothing(given)) {
            return known;
        }
        if (known instanceof ObjectNode section) {
            return section(key, section, given);
        }
        if (known instanceof ArrayNode) {
            return list(key, known, given);
        }
        if (given.isContainerNode()) {
            problems.add(new Problem(key, "is " + shown(given) + ", not one value", "Write one value after the colon"));
            return known;
        }
        if (known.isInt() && given.isFloatingPointNumber()) {
            problems.add(new Problem(key, "is " + shown(given) + ", not a whole number", "Correct the value"));
            return known;
        }
        return given;
    }

    /** A key with nothing after its colon is read as an empty text. */
    private static boolean isNothing(JsonNode given) {
        boolean isEmptyText = given.isTextual() && given.asText().isEmpty();
        return given.isNull() || given.isMissingNode() || isEmptyText;
    }

    private JsonNode list(String key, JsonNode known, JsonNode given) {
        if (!(given instanceof ArrayNode array)) {
            problems.add(new Problem(
                    key, "is " + shown(given) + ", not a list", "Write a line with '- ' for each element, or [a, b]"));
            return known;
        }
        var merged = array.arrayNode();
        for (int i = 0; i < array.size(); i++) {
            var at = key + "[" + i + "]";
            var element = array.get(i);
            var elementTemplate = template.element(key);
            if (elementTemplate.isPresent()) {
                merged.add(section(at, elementTemplate.get(), element));
            } else if (element.isTextual()) {
                merged.add(element);
            } else {
                problems.add(
                        new Problem(at, "is " + shown(element) + ", not a pattern", "Write the pattern in quotes"));
            }
        }
        return merged;
    }

    private Problem unknown(String section, String name, ObjectNode known) {
        var key = section.isEmpty() ? name : section + "." + name;
        return new Problem(
                key,
                "is not a key that Lockstep knows",
                nearest(section, name, known)
                        .map(near -> "Did you mean " + near + "?")
                        .orElseGet(() -> "Known here are: " + names(known)));
    }

    /** The same name in another section, or else the name with the fewest edits here, if it is near at all. */
    private Optional<String> nearest(String section, String name, ObjectNode known) {
        var elsewhere =
                template.keys().stream().filter(key -> key.endsWith("." + name)).findFirst();
        if (elsewhere.isPresent()) {
            return elsewhere;
        }
        int limit = Math.max(2, name.length() / 3);
        var distance = new LevenshteinDistance(limit);
        return known.properties().stream()
                .map(property -> property.getKey())
                .filter(candidate -> distance.apply(name, candidate) >= 0)
                .min(Comparator.comparing((String candidate) -> distance.apply(name, candidate)))
                .map(candidate -> section.isEmpty() ? candidate : section + "." + candidate);
    }

    private static String names(ObjectNode known) {
        return String.join(
                ", ", known.properties().stream().map(p -> p.getKey()).toList());
    }

    private static String shown(JsonNode given) {
        return switch (given.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "a section";
            default -> "'" + given.asText() + "'";
        };
    }
}
