package io.lockstep.agent.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Reads a configuration file.
 *
 * <p>What the file leaves out has its default; unknown keys, wrong units and contradictions are problems, all reported
 * at once. Relative paths are taken from the file's own directory, so that a node's directory made by
 * {@code lockstep setup} works wherever it is copied. Environment variables are not substituted: what the file says is
 * what runs.
 */
public final class ConfigurationFile {
    /** A larger file is refused: 64 members and 16 trees need less than 16 KiB. */
    static final long MAX_SIZE_BYTES = 1 << 20;

    private ConfigurationFile() {}

    /**
     * The configuration in {@code file}, valid in itself. Whether this host fits it is for {@link ConfigurationCheck}.
     *
     * @throws InvalidConfigurationException with every problem, when it isn't a valid configuration
     * @throws IOException when the file can't be read; {@code NoSuchFileException} when it isn't there
     */
    public static AgentConfiguration load(Path file) throws IOException, InvalidConfigurationException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a directory, not a configuration file");
        }
        if (Files.size(file) > MAX_SIZE_BYTES) {
            throw new InvalidConfigurationException(
                    file, List.of(new Problem("", "is larger than 1 MiB", "Is this the right file?")));
        }
        return parse(Files.readString(file), file);
    }

    /**
     * The configuration that {@code text} says, as if it stood in {@code file}, which is not opened.
     *
     * @throws InvalidConfigurationException with every problem, when it isn't a valid configuration
     */
    public static AgentConfiguration parse(String text, Path file) throws InvalidConfigurationException {
        var mapper = ConfigurationMapper.values();
        var template = new ConfigurationTemplate(mapper);
        var problems = new ArrayList<Problem>();
        var merged = new TemplateMerge(template, problems).merge(read(text, file));
        addWorkDirectories(merged);
        dropEmptyMounts(merged);
        try {
            var base = file.toAbsolutePath().getParent();
            AgentConfiguration configuration = mapper.readerFor(AgentConfiguration.class)
                    .withHandler(new ProblemCollector(problems))
                    .withAttribute(ConfigurationMapper.BASE, base)
                    .readValue(merged);
            var known = problems.stream().map(Problem::key).collect(Collectors.toSet());
            new Violations(template)
                    .of(configuration).stream()
                            .filter(problem -> !known.contains(problem.key()))
                            .forEach(problems::add);
            if (problems.isEmpty()) {
                problems.addAll(ConfigurationRules.problems(configuration));
            }
            if (problems.isEmpty()) {
                return configuration;
            }
        } catch (IOException e) {
            // Every known kind of wrong value went to the collector; what is left still gets a key and a text.
            problems.add(new Problem(keyOf(e), reason(e), "Compare it with docs/configuration.md"));
        }
        throw new InvalidConfigurationException(file, problems);
    }

    private static JsonNode read(String text, Path file) throws InvalidConfigurationException {
        try {
            return ConfigurationMapper.yaml().readTree(text);
        } catch (JsonProcessingException e) {
            var place = e.getLocation();
            var where = place == null ? "" : " at line " + place.getLineNr() + ", column " + place.getColumnNr();
            throw new InvalidConfigurationException(
                    file,
                    List.of(new Problem(
                            "",
                            "is not valid YAML" + where + ": " + reason(e),
                            "Check the indentation (spaces, no tabs), quotes and colons there")));
        }
    }

    private static String keyOf(IOException e) {
        return e instanceof JsonMappingException mapping
                ? mapping.getPath().stream()
                        .map(step ->
                                step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
                        .collect(Collectors.joining())
                        .replaceFirst("^\\.", "")
                : "";
    }

    private static String reason(IOException e) {
        var message = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
        return String.valueOf(message).lines().findFirst().orElse("unreadable");
    }

    /** {@code work} follows from the replica and the tree's name where the file doesn't give it. */
    private static void addWorkDirectories(ObjectNode merged) {
        for (var element : merged.withArray("trees")) {
            var tree = (ObjectNode) element;
            var name = tree.get("name");
            var replica = tree.get("replica");
            // A name that could leave the directory is refused by its own constraint; until then nothing is joined.
            boolean usable = name.asText().matches(MemberAddress.NAME)
                    && replica.isTextual()
                    && !replica.asText().isBlank()
                    && replica.asText().indexOf('\0') < 0;
            if (tree.get("work").isNull() && usable) {
                tree.put("work", workBeside(replica.asText(), name.asText()));
            }
        }
    }

    /** A section without a value is the same as none. */
    private static void dropEmptyMounts(ObjectNode merged) {
        for (var element : merged.withArray("trees")) {
            var tree = (ObjectNode) element;
            boolean isEmpty = tree.get("mount").properties().stream()
                    .allMatch(property -> property.getValue().isNull());
            if (isEmpty) {
                tree.putNull("mount");
            }
        }
    }

    private static String workBeside(String replica, String name) {
        return Path.of(replica)
                .normalize()
                .resolveSibling(".lockstep")
                .resolve(name)
                .toString();
    }

    /** The effective values of {@code configuration}, defaults included, as a tree of plain values for output. */
    public static JsonNode asTree(AgentConfiguration configuration) {
        JsonMapper mapper = ConfigurationMapper.values();
        var tree = mapper.<ObjectNode>valueToTree(configuration);
        // Methods of the record that look like properties are not keys of the file.
        tree.retain(new ConfigurationTemplate(mapper)
                .root().properties().stream().map(property -> property.getKey()).toList());
        return tree;
    }
}
